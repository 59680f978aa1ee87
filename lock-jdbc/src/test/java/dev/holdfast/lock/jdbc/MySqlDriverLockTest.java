package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** MariaDB by MySQL's driver, under the contract. */
class MySqlDriverLockTest extends LockContract {

  @Override
  protected LockFixture openFixture() {
    return Fixtures.mariaDbByMySqlDriver();
  }
}
