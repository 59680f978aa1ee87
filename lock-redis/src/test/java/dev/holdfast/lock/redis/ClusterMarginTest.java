package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.MarginContract;

/** A cluster of six nodes, under the contract. */
class ClusterMarginTest extends MarginContract {

  @Override
  protected LockFixture openFixture() {
    return SeveralServers.in(TestServers.cluster());
  }
}
