package dev.holdfast.lock.etcd;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.ProcessContract;
import java.util.List;

/** A real etcd, under the contract. */
class EtcdProcessTest extends ProcessContract {

  @Override
  protected LockFixture openFixture() {
    return new EtcdFixture(List.of(Servers.alone()));
  }
}
