package dev.holdfast.lock.etcd;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.ProcessContract;

/** A real cluster of three, under the contract. */
class EtcdClusterProcessTest extends ProcessContract {

  @Override
  protected LockFixture openFixture() {
    return new EtcdFixture(Servers.three().members());
  }
}
