package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.ProcessContract;

/** Three servers, with the clients connected to a follower, under the contract. */
class EnsembleProcessTest extends ProcessContract {

  @Override
  protected LockFixture openFixture() throws Exception {
    return new ZooKeeperFixture(Servers.follower());
  }
}
