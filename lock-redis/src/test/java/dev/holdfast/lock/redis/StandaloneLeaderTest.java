package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.contract.LeaderContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** A real server, under the contract. */
class StandaloneLeaderTest extends LeaderContract {

  @Override
  protected LockFixture openFixture() {
    return new RedisFixture(TestServers.standalone());
  }
}
