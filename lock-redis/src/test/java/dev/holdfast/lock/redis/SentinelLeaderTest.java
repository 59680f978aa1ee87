package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.contract.LeaderContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** A master that Sentinels name, under the contract. */
class SentinelLeaderTest extends LeaderContract {

  @Override
  protected LockFixture openFixture() {
    return SeveralServers.behind(TestServers.sentinels());
  }
}
