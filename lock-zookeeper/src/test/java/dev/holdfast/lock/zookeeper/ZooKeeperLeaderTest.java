package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.testkit.contract.LeaderContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** One server, under the contract. */
class ZooKeeperLeaderTest extends LeaderContract {

  @Override
  protected LockFixture openFixture() throws Exception {
    return new ZooKeeperFixture(Servers.alone());
  }
}
