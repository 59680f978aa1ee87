package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.ProcessContract;

/** A cluster of six nodes, under the contract. */
class ClusterProcessTest extends ProcessContract {

  @Override
  protected LockFixture openFixture() {
    return SeveralServers.in(TestServers.cluster());
  }
}
