package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** A real server, under the contract. */
class StandaloneLockTest extends LockContract {

  @Override
  protected LockFixture openFixture() {
    return new RedisFixture(TestServers.standalone());
  }
}
