package dev.holdfast.lock.etcd;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.MarginContract;

/** A real cluster of three, under the contract. */
class EtcdClusterMarginTest extends MarginContract {

  @Override
  protected LockFixture openFixture() {
    return new EtcdFixture(Servers.three().members());
  }
}
