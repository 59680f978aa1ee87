package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.BackendFailure.Kind;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.TimeZone;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Embedded databases that get no locks, and that the reasons given are true. Should one of these
 * tests fail with a newer version, that database may be looked at again.
 */
class EmbeddedDatabasesTest {

  static {
    System.setProperty("derby.stream.error.file", "target/derby.log"); // else beside the pom
  }

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "jdbc:sqlite::memory:, SQLite, the whole file",
    "jdbc:hsqldb:mem:refused, HSQL, without any limit",
    "jdbc:derby:memory:refused;create=true, Apache Derby, without a zone"
  })
  void database_whoseLockingDoesNotAllowIt_isRefusedWithTheReason(
      String url, String name, String reason) {
    for (Node node :
        new Node[] {
          new Node(JdbcLocks.at(url)), new Node(JdbcLocks.over(new DirectDataSource(url)))
        }) {
      try (node) {
        assertThatThrownBy(() -> node.claim(TestClaim.of("n")))
            .isInstanceOfSatisfying(
                BackendFailure.class,
                failure -> assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED))
            .hasMessageContaining("no locks in " + name)
            .hasMessageContaining(reason)
            .hasMessageContaining("H2");
      }
    }
  }

  /** S2, H-21: a foreign transaction on one row. */
  @Test
  void sqlite_withOneRowLocked_changesNoOther() throws SQLException {
    String url = "jdbc:sqlite:" + folder.resolve("locks") + "?busy_timeout=200&journal_mode=WAL";
    try (Connection foreign = connect(url, "CREATE TABLE l (name TEXT PRIMARY KEY, claim TEXT)");
        Connection ours = connect(url, "INSERT INTO l VALUES ('one', 'a'), ('other', 'b')")) {
      foreign.setAutoCommit(false);
      run(foreign, "UPDATE l SET claim = 'x' WHERE name = 'one'");
      assertThatThrownBy(() -> run(ours, "UPDATE l SET claim = 'y' WHERE name = 'other'"))
          .hasMessageContaining("locked");
      foreign.rollback();
    }
  }

  /** W2: a wait for a row that does not end with the statement's own limit. */
  @Test
  void hsqldb_withARowLocked_waitsLongerThanTold() throws Exception {
    String url = "jdbc:hsqldb:mem:locks;hsqldb.tx=mvcc";
    try (Connection foreign = connect(url, "CREATE TABLE l (name VARCHAR(9) PRIMARY KEY)");
        Connection ours = connect(url, "INSERT INTO l VALUES ('one')")) {
      foreign.setAutoCommit(false);
      run(foreign, "UPDATE l SET name = 'x' WHERE name = 'one'");
      CompletableFuture<Void> waiting =
          CompletableFuture.runAsync(
              () -> {
                try (Statement statement = ours.createStatement()) {
                  statement.setQueryTimeout(1);
                  statement.executeUpdate("UPDATE l SET name = 'y' WHERE name = 'one'");
                } catch (SQLException e) {
                  throw new AssertionError("it ended the wait, as it should", e);
                }
              });
      assertThatThrownBy(() -> waiting.get(2_500, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      foreign.rollback();
      waiting.get(20, TimeUnit.SECONDS);
    }
  }

  /** H-87: the time moves by the zone's offset. */
  @Test
  void derby_inAnotherZone_tellsAnotherTime() throws SQLException {
    String url = "jdbc:derby:memory:clock;create=true";
    TimeZone before = TimeZone.getDefault();
    try (Connection connection = connect(url, "CREATE TABLE l (since TIMESTAMP)")) {
      TimeZone.setDefault(TimeZone.getTimeZone("GMT+1"));
      run(connection, "INSERT INTO l VALUES (CURRENT_TIMESTAMP)");
      TimeZone.setDefault(TimeZone.getTimeZone("GMT+2"));
      try (Statement statement = connection.createStatement();
          var results =
              statement.executeQuery(
                  "SELECT {fn TIMESTAMPDIFF(SQL_TSI_SECOND, since, CURRENT_TIMESTAMP)} FROM l")) {
        results.next();
        assertThat(Duration.ofSeconds(results.getLong(1)))
            .isBetween(Duration.ofMinutes(59), Duration.ofMinutes(61));
      }
    } finally {
      TimeZone.setDefault(before);
    }
  }

  private static Connection connect(String url, String sql) throws SQLException {
    Connection connection = DriverManager.getConnection(url);
    run(connection, sql);
    return connection;
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }
}
