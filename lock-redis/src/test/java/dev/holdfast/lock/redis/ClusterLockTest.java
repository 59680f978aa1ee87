package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** A cluster of six nodes, under the contract. */
class ClusterLockTest extends LockContract {

  @Override
  protected LockFixture openFixture() {
    return SeveralServers.in(TestServers.cluster());
  }
}
