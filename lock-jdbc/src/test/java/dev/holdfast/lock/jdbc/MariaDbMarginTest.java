package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.MarginContract;

/** MariaDB by its own driver, under the contract. */
class MariaDbMarginTest extends MarginContract {

  @Override
  protected LockFixture openFixture() {
    return Fixtures.mariaDb();
  }
}
