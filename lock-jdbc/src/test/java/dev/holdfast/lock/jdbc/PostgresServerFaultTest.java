package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.contract.ServerFaultContract;

/** A real PostgreSQL, under the fault contract. */
class PostgresServerFaultTest extends ServerFaultContract {

  @Override
  protected ServerControl openControl() {
    return JdbcControl.postgresWithStandby();
  }
}
