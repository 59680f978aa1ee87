package dev.holdfast.lock.etcd;

import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** A real cluster of three, under the contract. */
class EtcdClusterLockTest extends LockContract {

  @Override
  protected LockFixture openFixture() {
    return new EtcdFixture(Servers.three().members());
  }
}
