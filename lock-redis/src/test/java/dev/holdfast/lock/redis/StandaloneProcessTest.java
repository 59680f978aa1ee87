package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.ProcessContract;

/** A real server, under the contract. */
class StandaloneProcessTest extends ProcessContract {

  @Override
  protected LockFixture openFixture() {
    return new RedisFixture(TestServers.standalone());
  }
}
