package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.NetworkFaultContract;
import dev.holdfast.lock.testkit.contract.ServerControl;

/** A real PostgreSQL, under the fault contract. */
class PostgresNetworkFaultTest extends NetworkFaultContract {

  @Override
  protected ServerControl openControl() {
    return JdbcControl.postgres();
  }
}
