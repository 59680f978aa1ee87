package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** H2 inside this JVM, under the contract. */
class H2MemoryLockTest extends LockContract {

  @Override
  protected LockFixture openFixture() {
    return Fixtures.h2InMemory();
  }
}
