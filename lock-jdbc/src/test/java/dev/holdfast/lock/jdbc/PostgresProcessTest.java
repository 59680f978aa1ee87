package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.ProcessContract;

/** A real PostgreSQL, under the contract. */
class PostgresProcessTest extends ProcessContract {

  @Override
  protected LockFixture openFixture() {
    return Fixtures.postgres();
  }
}
