package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.MarginContract;

/** A real PostgreSQL, under the contract. */
class PostgresMarginTest extends MarginContract {

  @Override
  protected LockFixture openFixture() {
    return Fixtures.postgres();
  }
}
