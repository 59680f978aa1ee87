package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.MarginContract;

/** One server, under the contract. */
class ZooKeeperMarginTest extends MarginContract {

  @Override
  protected LockFixture openFixture() throws Exception {
    return new ZooKeeperFixture(Servers.alone());
  }
}
