package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.Await;

/** A real PostgreSQL. */
class PostgresBackendTest extends BackendTests {

  @Override
  String url() {
    return Servers.url(Servers.postgres());
  }

  @Override
  void awaitRowWaiter(Database database) {
    Await.until(
        "a session that waits for a row",
        LONG,
        () ->
            database
                .query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
                .contains("1"));
  }
}
