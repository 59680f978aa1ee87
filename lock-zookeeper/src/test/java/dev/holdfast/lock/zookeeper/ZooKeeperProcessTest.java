package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.ProcessContract;

/** One server, under the contract. */
class ZooKeeperProcessTest extends ProcessContract {

  @Override
  protected LockFixture openFixture() throws Exception {
    return new ZooKeeperFixture(Servers.alone());
  }
}
