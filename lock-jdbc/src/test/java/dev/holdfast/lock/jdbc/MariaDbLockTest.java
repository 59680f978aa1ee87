package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** MariaDB by its own driver, under the contract. */
class MariaDbLockTest extends LockContract {

  @Override
  protected LockFixture openFixture() {
    return Fixtures.mariaDb();
  }
}
