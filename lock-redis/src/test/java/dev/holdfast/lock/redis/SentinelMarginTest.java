package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.MarginContract;

/** A master that Sentinels name, under the contract. */
class SentinelMarginTest extends MarginContract {

  @Override
  protected LockFixture openFixture() {
    return SeveralServers.behind(TestServers.sentinels());
  }
}
