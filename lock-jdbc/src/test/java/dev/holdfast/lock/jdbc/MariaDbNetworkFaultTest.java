package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.NetworkFaultContract;
import dev.holdfast.lock.testkit.contract.ServerControl;

/** A real MariaDB, under the fault contract. */
class MariaDbNetworkFaultTest extends NetworkFaultContract {

  @Override
  protected ServerControl openControl() {
    return JdbcControl.mariaDb();
  }
}
