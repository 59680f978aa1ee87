package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.contract.LeaderContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** A cluster of six nodes, under the contract. */
class ClusterLeaderTest extends LeaderContract {

  @Override
  protected LockFixture openFixture() {
    return SeveralServers.in(TestServers.cluster());
  }
}
