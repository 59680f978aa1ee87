package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.ProcessContract;

/** A real Pulsar, under the contract. */
class PulsarProcessTest extends ProcessContract {

  @Override
  protected LockFixture openFixture() throws Exception {
    return new PulsarFixture(Servers.alone());
  }
}
