package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.MarginContract;

/** A real Pulsar, under the contract. */
class PulsarMarginTest extends MarginContract {

  @Override
  protected LockFixture openFixture() throws Exception {
    return new PulsarFixture(Servers.alone());
  }
}
