package dev.holdfast.lock.etcd;

import dev.holdfast.lock.testkit.contract.LeaderContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** A real cluster of three, under the contract. */
class EtcdClusterLeaderTest extends LeaderContract {

  @Override
  protected LockFixture openFixture() {
    return new EtcdFixture(Servers.three().members());
  }
}
