package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** PostgreSQL behind a pooler in transaction mode, under the contract. */
class PgBouncerLockTest extends LockContract {

  @Override
  protected LockFixture openFixture() {
    return new PgBouncerFixture();
  }
}
