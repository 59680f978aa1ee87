package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.contract.ServerFaultContract;

/** A real MariaDB, under the fault contract. */
class MariaDbServerFaultTest extends ServerFaultContract {

  @Override
  protected ServerControl openControl() {
    return JdbcControl.mariaDb();
  }
}
