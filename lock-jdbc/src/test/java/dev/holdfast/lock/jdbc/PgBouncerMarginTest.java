package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.MarginContract;

/** PostgreSQL behind a pooler in transaction mode, under the contract. */
class PgBouncerMarginTest extends MarginContract {

  @Override
  protected LockFixture openFixture() {
    return new PgBouncerFixture();
  }
}
