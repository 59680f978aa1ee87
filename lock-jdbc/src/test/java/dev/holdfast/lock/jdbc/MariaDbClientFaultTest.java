package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.ClientFaultContract;
import dev.holdfast.lock.testkit.contract.ServerControl;

/** A real MariaDB, under the fault contract. */
class MariaDbClientFaultTest extends ClientFaultContract {

  @Override
  protected ServerControl openControl() {
    return JdbcControl.mariaDb();
  }
}
