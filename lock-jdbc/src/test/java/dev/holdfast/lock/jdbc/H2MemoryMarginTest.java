package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.MarginContract;

/** H2 inside this JVM, under the contract. */
class H2MemoryMarginTest extends MarginContract {

  @Override
  protected LockFixture openFixture() {
    return Fixtures.h2InMemory();
  }
}
