package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LeaderContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** PostgreSQL behind a pooler in transaction mode, under the contract. */
class PgBouncerLeaderTest extends LeaderContract {

  @Override
  protected LockFixture openFixture() {
    return new PgBouncerFixture();
  }
}
