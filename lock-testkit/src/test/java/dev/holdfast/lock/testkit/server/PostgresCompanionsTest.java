package dev.holdfast.lock.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.holdfast.lock.testkit.Await;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What stands beside a PostgreSQL: a pooler, a standby. */
class PostgresCompanionsTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static PostgresServer database;

  @BeforeAll
  static void start() {
    database = launch(PostgresServer::launch);
  }

  @AfterAll
  static void stop() {
    database.close();
  }

  private static <T> T launch(Supplier<T> launcher) {
    try {
      return launcher.get();
    } catch (ServerUnavailableException e) {
      return abort(e.getMessage());
    }
  }

  @Test
  void pooler_givesSessionsByTheTransaction() throws Exception {
    try (PgBouncerServer pooler = launch(() -> PgBouncerServer.before(database))) {
      Sql.Source way = () -> connect(pooler);
      try (Connection one = way.connect();
          Connection two = way.connect()) {
        assertThat(Sql.ask(two, "SELECT pg_backend_pid()"))
            .as("one session for both")
            .isEqualTo(Sql.ask(one, "SELECT pg_backend_pid()"));
      }
      pooler.restart();
      assertThat(Sql.ask(way, "SELECT 7")).isEqualTo("7");
      pooler.kill();
      assertThatThrownBy(way::connect).isInstanceOf(SQLException.class);
      assertThat(Sql.ask(database::connect, "SELECT 8")).isEqualTo("8");
    }
  }

  private static Connection connect(PgBouncerServer pooler) throws SQLException {
    return DriverManager.getConnection(pooler.jdbcUrl(), database.user(), database.password());
  }

  @Test
  void standby_followsAndRefusesWritesUntilPromoted() throws Exception {
    Sql.run(database::connect, "CREATE TABLE followed (i int)");
    try (PostgresServer standby = launch(database::launchStandby)) {
      Sql.run(database::connect, "INSERT INTO followed VALUES (42)");
      Await.until(
          "the row at the standby",
          LIMIT,
          () -> Sql.ask(standby::connect, "SELECT count(*) FROM followed").equals("1"));
      assertThatThrownBy(() -> Sql.run(standby::connect, "INSERT INTO followed VALUES (43)"))
          .hasMessageContaining("read-only");
      standby.restart();
      Sql.run(standby::connect, "SELECT pg_promote()");
      Sql.run(standby::connect, "INSERT INTO followed VALUES (43)");
    }
  }
}
