package dev.holdfast.lock.etcd;

import dev.holdfast.lock.testkit.contract.LeaderContract;
import dev.holdfast.lock.testkit.contract.LockFixture;
import java.util.List;

/** A real etcd, under the contract. */
class EtcdLeaderTest extends LeaderContract {

  @Override
  protected LockFixture openFixture() {
    return new EtcdFixture(List.of(Servers.alone()));
  }
}
