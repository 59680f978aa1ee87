package dev.holdfast.lock.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.testkit.net.FaultProxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class H2ServerTest {

  @Test
  void file_killed_keepsItsData() throws SQLException {
    try (H2Server server = H2Server.launch()) {
      assertThat(server.description()).matches("H2 2\\.\\S+ from Maven Central \\(data in file.+");
      try (Connection connection = server.connect()) {
        connection.createStatement().execute("create table t (i int)");
        connection.createStatement().execute("insert into t values (42)");
        server.kill();
        assertThatThrownBy(() -> Sql.ask(connection, "select i from t"))
            .isInstanceOf(SQLException.class);
      }
      server.start();
      assertThat(Sql.ask(server::connect, "select i from t")).isEqualTo("42");
      server.restart();
      assertThat(Sql.ask(server::connect, "select i from t")).isEqualTo("42");
    }
  }

  @Test
  void memory_killed_losesItsData() throws SQLException {
    try (H2Server server = H2Server.launchInMemory()) {
      Sql.run(server::connect, "create table t (i int)", "insert into t values (42)");
      assertThat(Sql.ask(server::connect, "select i from t")).isEqualTo("42");
      server.kill();
      server.start();
      assertThatThrownBy(() -> Sql.ask(server::connect, "select i from t"))
          .hasMessageContaining("not found");
    }
  }

  @Test
  void paused_query_waitsForResume() throws Exception {
    try (H2Server server = H2Server.launchInMemory();
        Connection connection = server.connect()) {
      server.pause();
      CompletableFuture<String> answer =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return Sql.ask(connection, "select 7");
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThatThrownBy(() -> answer.get(100, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      server.resume();
      assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("7");
    }
  }

  @Test
  void proxy_cut_endsTheConnectionAndHealLetsNewOnesThrough() throws SQLException {
    try (H2Server server = H2Server.launchInMemory();
        FaultProxy proxy = FaultProxy.to(server.address())) {
      String url = server.jdbcUrl(proxy.address());
      Sql.Source through = () -> DriverManager.getConnection(url, server.user(), server.password());
      try (Connection connection = through.connect()) {
        proxy.cut();
        assertThatThrownBy(() -> Sql.ask(connection, "select 1")).isInstanceOf(SQLException.class);
        assertThatThrownBy(through::connect).isInstanceOf(SQLException.class);
      }
      proxy.heal();
      assertThat(Sql.ask(through, "select 1")).isEqualTo("1");
    }
  }
}
