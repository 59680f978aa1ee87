package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LeaderContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** MariaDB by its own driver, under the contract. */
class MariaDbLeaderTest extends LeaderContract {

  @Override
  protected LockFixture openFixture() {
    return Fixtures.mariaDb();
  }
}
