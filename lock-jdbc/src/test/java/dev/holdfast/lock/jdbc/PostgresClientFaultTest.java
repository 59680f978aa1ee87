package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.ClientFaultContract;
import dev.holdfast.lock.testkit.contract.ServerControl;

/** A real PostgreSQL, under the fault contract. */
class PostgresClientFaultTest extends ClientFaultContract {

  @Override
  protected ServerControl openControl() {
    return JdbcControl.postgres();
  }
}
