package dev.holdfast.lock.etcd;

import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;
import java.util.List;

/** A real etcd, under the contract. */
class EtcdLockTest extends LockContract {

  @Override
  protected LockFixture openFixture() {
    return new EtcdFixture(List.of(Servers.alone()));
  }
}
