package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.ProcessContract;

/** MariaDB by its own driver, under the contract. */
class MariaDbProcessTest extends ProcessContract {

  @Override
  protected LockFixture openFixture() {
    return Fixtures.mariaDb();
  }
}
