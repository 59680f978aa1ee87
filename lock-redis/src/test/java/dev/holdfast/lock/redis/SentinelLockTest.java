package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** A master that Sentinels name, under the contract. */
class SentinelLockTest extends LockContract {

  @Override
  protected LockFixture openFixture() {
    return SeveralServers.behind(TestServers.sentinels());
  }
}
