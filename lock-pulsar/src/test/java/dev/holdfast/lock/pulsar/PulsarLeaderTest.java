package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.testkit.contract.LeaderContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** A real Pulsar, under the contract. */
class PulsarLeaderTest extends LeaderContract {

  @Override
  protected LockFixture openFixture() throws Exception {
    return new PulsarFixture(Servers.alone());
  }
}
