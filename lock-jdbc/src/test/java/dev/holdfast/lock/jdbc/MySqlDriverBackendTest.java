package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.Await;

/** MariaDB by MySQL's driver. */
class MySqlDriverBackendTest extends BackendTests {

  @Override
  String url() {
    return Servers.mysqlUrl(Servers.mariaDb());
  }

  @Override
  void awaitRowWaiter(Database database) {
    Await.until(
        "a session that waits for a row",
        LONG,
        () ->
            database
                .query(
                    "SELECT variable_value FROM information_schema.global_status"
                        + " WHERE variable_name = 'INNODB_ROW_LOCK_CURRENT_WAITS'")
                .contains("1"));
  }
}
