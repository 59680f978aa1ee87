package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** A real PostgreSQL, under the contract. */
class PostgresLockTest extends LockContract {

  @Override
  protected LockFixture openFixture() {
    return Fixtures.postgres();
  }
}
