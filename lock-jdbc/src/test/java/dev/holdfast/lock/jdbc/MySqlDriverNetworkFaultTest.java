package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.NetworkFaultContract;
import dev.holdfast.lock.testkit.contract.ServerControl;

/** A real MariaDB by MySQL's driver, under the fault contract. */
class MySqlDriverNetworkFaultTest extends NetworkFaultContract {

  @Override
  protected ServerControl openControl() {
    return JdbcControl.mariaDbByMySqlDriver();
  }
}
