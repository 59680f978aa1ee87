package dev.holdfast.lock.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MariaDbServerTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static MariaDbServer launch(MariaDbServerOptions options) {
    try {
      return options.launch();
    } catch (ServerUnavailableException e) {
      return abort(e.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PATH", "MAVEN"})
  void server_killedPausedRestarted_keepsItsData(ServerSource source) throws Exception {
    Path data;
    try (MariaDbServer server = launch(MariaDbServer.options().from(source))) {
      data = Path.of(Sql.ask(server::connect, "select @@datadir"));
      assertThat(data).isDirectory();
      assertThat(server.description())
          .matches("MariaDB \\d+\\.\\d+\\.\\d+ from " + source + " \\(.+\\)");
      assertThat(ServerReport.lines()).contains(server.description());
      assertThat(server.isControllable()).isTrue();
      Sql.run(server::connect, "create table t (i int)", "insert into t values (42)");
      assertThat(Sql.ask(server::connect, "select @@innodb_flush_log_at_trx_commit"))
          .isEqualTo("1");
      assertThat(Sql.ask(server::connect, "select @@bind_address")).isEqualTo("127.0.0.1");

      killAndStart(server);
      pauseAndResume(server);
      server.restart();
      assertThat(Sql.ask(server::connect, "select i from t")).isEqualTo("42");
      assertThat(server.log()).contains("Starting crash recovery");
      assertThat(server.logLines()).noneMatch(line -> line.contains("[ERROR]"));
    }
    assertThat(data.getParent()).doesNotExist();
  }

  private static void killAndStart(MariaDbServer server) throws SQLException {
    int port = server.port();
    try (Connection connection = server.connect()) {
      server.kill();
      assertThat(server.isRunning()).isFalse();
      assertThatThrownBy(() -> Sql.ask(connection, "select 1")).isInstanceOf(SQLException.class);
      assertThatThrownBy(server::connect).isInstanceOf(SQLException.class);
    }
    assertThatIllegalStateException().isThrownBy(server::pause);
    server.kill();
    server.start();
    server.start();
    assertThat(server.port()).isEqualTo(port);
    assertThat(Sql.ask(server::connect, "select i from t")).isEqualTo("42");
  }

  private static void pauseAndResume(MariaDbServer server) throws Exception {
    try (Connection connection = server.connect()) {
      server.pause();
      assertThat(server.isRunning()).isTrue();
      CompletableFuture<String> answer =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return Sql.ask(connection, "select i from t");
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThatThrownBy(() -> answer.get(100, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      server.resume();
      server.resume();
      assertThat(answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo("42");
    }
  }

  @Test
  void login_withAWrongPassword_isRefused() throws SQLException {
    try (MariaDbServer server =
        launch(
            MariaDbServer.options()
                .from(ServerSource.PATH, ServerSource.MAVEN)
                .set("transaction-isolation", "SERIALIZABLE"))) {
      assertThatThrownBy(
              () -> DriverManager.getConnection(server.jdbcUrl(), server.user(), "wrong"))
          .isInstanceOf(SQLException.class);
      assertThat(Sql.ask(server::connect, "select @@tx_isolation")).isEqualTo("SERIALIZABLE");
      assertThat(server.mysqlUrl()).startsWith("jdbc:mysql://127.0.0.1:" + server.port() + "/");
    }
  }

  @Test
  void address_isTakenApart() {
    MariaDbAddress address =
        MariaDbAddress.parse("jdbc:mariadb://db.example/locks?user=u&password=p%26q&sslMode=trust");
    assertThat(address)
        .isEqualTo(new MariaDbAddress("db.example", 3306, "locks", "u", "p&q", "sslMode=trust"));
    assertThat(address.url("mysql", "localhost", 1))
        .isEqualTo("jdbc:mysql://localhost:1/locks?sslMode=trust");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MariaDbAddress.parse("jdbc:postgresql://localhost/db"))
        .withMessageContaining(MariaDbServer.ADDRESS_VARIABLE);
  }
}
