package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** A real Pulsar, under the contract. */
class PulsarLockTest extends LockContract {

  @Override
  protected LockFixture openFixture() throws Exception {
    return new PulsarFixture(Servers.alone());
  }
}
