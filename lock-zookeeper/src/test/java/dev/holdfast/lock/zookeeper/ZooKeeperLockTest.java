package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** One server, under the contract. */
class ZooKeeperLockTest extends LockContract {

  @Override
  protected LockFixture openFixture() throws Exception {
    return new ZooKeeperFixture(Servers.alone());
  }
}
