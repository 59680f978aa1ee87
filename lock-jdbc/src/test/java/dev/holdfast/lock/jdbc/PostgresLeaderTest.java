package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LeaderContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** A real PostgreSQL, under the contract. */
class PostgresLeaderTest extends LeaderContract {

  @Override
  protected LockFixture openFixture() {
    return Fixtures.postgres();
  }
}
