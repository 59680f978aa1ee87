package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.ProcessContract;

/** PostgreSQL behind a pooler in transaction mode, under the contract. */
class PgBouncerProcessTest extends ProcessContract {

  @Override
  protected LockFixture openFixture() {
    return new PgBouncerFixture();
  }
}
