package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.ProcessContract;

/** A master that Sentinels name, under the contract. */
class SentinelProcessTest extends ProcessContract {

  @Override
  protected LockFixture openFixture() {
    return SeveralServers.behind(TestServers.sentinels());
  }
}
