package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.MarginContract;

/** A real server, under the contract. */
class StandaloneMarginTest extends MarginContract {

  @Override
  protected LockFixture openFixture() {
    return new RedisFixture(TestServers.standalone());
  }
}
