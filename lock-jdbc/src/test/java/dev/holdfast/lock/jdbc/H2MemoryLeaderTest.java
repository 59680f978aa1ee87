package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LeaderContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** H2 inside this JVM, under the contract. */
class H2MemoryLeaderTest extends LeaderContract {

  @Override
  protected LockFixture openFixture() {
    return Fixtures.h2InMemory();
  }
}
