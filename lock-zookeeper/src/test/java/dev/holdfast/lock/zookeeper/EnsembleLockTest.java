package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** Three servers, with the clients connected to a follower, under the contract. */
class EnsembleLockTest extends LockContract {

  @Override
  protected LockFixture openFixture() throws Exception {
    return new ZooKeeperFixture(Servers.follower());
  }
}
