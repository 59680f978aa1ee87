package dev.holdfast.lock.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.holdfast.lock.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PostgresServerTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static PostgresServer launch(PostgresServerOptions options) {
    try {
      return options.launch();
    } catch (ServerUnavailableException e) {
      return abort(e.getMessage());
    }
  }

  private static PostgresServer launch(ServerSource source) {
    return launch(PostgresServer.options().from(source));
  }

  private static PostgresServer launchOwn() {
    return launch(PostgresServer.options().from(ServerSource.PATH, ServerSource.MAVEN));
  }

  @ParameterizedTest
  @EnumSource(names = {"PATH", "MAVEN"})
  void server_killedPausedRestarted_keepsItsData(ServerSource source) throws Exception {
    Path data;
    try (PostgresServer server = launch(source)) {
      data = Path.of(Sql.ask(server::connect, "show data_directory"));
      assertThat(data).isDirectory();
      assertThat(server.description())
          .matches("PostgreSQL \\d+\\.\\d+ from " + source + " \\(.+\\)");
      assertThat(ServerReport.lines()).contains(server.description());
      assertThat(server.isControllable()).isTrue();
      Sql.run(server::connect, "create table t (i int)", "insert into t values (42)");
      assertThat(Sql.ask(server::connect, "show fsync")).isEqualTo("on");
      assertThat(Sql.ask(server::connect, "show max_connections")).isEqualTo("200");
      assertThat(Sql.ask(server::connect, "show listen_addresses")).isEqualTo("127.0.0.1");

      killAndStart(server);
      pauseAndResume(server);
      server.restart();
      assertThat(Sql.ask(server::connect, "select i from t")).isEqualTo("42");
      assertThat(server.log()).contains("database system was not properly shut down");
      assertThat(server.logLines()).noneMatch(line -> line.contains("ERROR"));
    }
    assertThat(data.getParent()).doesNotExist();
  }

  private static void killAndStart(PostgresServer server) throws SQLException {
    int port = server.port();
    try (Connection connection = server.connect()) {
      List<ProcessHandle> processes = processes(server);
      assertThat(processes).hasSizeGreaterThan(3);
      server.kill();
      assertThat(server.isRunning()).isFalse();
      assertThat(processes).noneMatch(PostgresServerTest::runs);
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

  private static boolean runs(ProcessHandle process) {
    String state = state(process);
    return !state.isEmpty() && !state.equals("Z");
  }

  private static String state(ProcessHandle process) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      return stat.substring(stat.lastIndexOf(')') + 2).substring(0, 1);
    } catch (IOException e) {
      return "";
    }
  }

  /** The server's processes: those below this one that are called postgres. */
  private static List<ProcessHandle> processes(PostgresServer server) {
    List<ProcessHandle> found =
        ProcessHandle.current()
            .descendants()
            .filter(process -> process.info().command().orElse("").endsWith("postgres"))
            .toList();
    assertThat(found).as(server.description()).isNotEmpty();
    return found;
  }

  private static void pauseAndResume(PostgresServer server) throws Exception {
    try (Connection connection = server.connect()) {
      server.pause();
      assertThat(server.isRunning()).isTrue();
      assertThat(processes(server)).allMatch(process -> state(process).equals("T"));
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
          .isInstanceOf(java.util.concurrent.TimeoutException.class);
      server.resume();
      server.resume();
      assertThat(answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo("42");
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void server_asRootByEveryWayThatWorks_isControlled(Unprivileged way) {
    PostgresBinaries found =
        PostgresBinaries.installed().orElseGet(() -> abort("no PostgreSQL on the PATH"));
    try (TestServer server = PostgresServer.options().start(found, way.toString(), way)) {
      server.pause();
      server.resume();
      server.kill();
      server.start();
      server.stop();
      assertThat(server.log()).contains("database system is shut down");
    }
  }

  /** One per tool; which user it becomes makes no difference. */
  static List<Named<Unprivileged>> ways() {
    if (!Unprivileged.isRoot()) {
      return List.of(Named.of("not root", Unprivileged.find()));
    }
    Set<String> tools = new HashSet<>();
    return Unprivileged.ways().stream()
        .filter(Unprivileged::works)
        .filter(way -> tools.add(way.toString().replaceAll(" .*", "")))
        .map(way -> Named.of(way.toString(), way))
        .toList();
  }

  @Test
  void connect_wrongPassword_isRefused() {
    try (PostgresServer server = launchOwn()) {
      assertThatThrownBy(
              () -> DriverManager.getConnection(server.jdbcUrl(), server.user(), "wrong"))
          .isInstanceOf(SQLException.class)
          .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isEqualTo("28P01"));
    }
  }

  @Test
  void options_logStatement_showsInTheLog() throws SQLException {
    PostgresServerOptions options =
        PostgresServer.options()
            .from(ServerSource.PATH, ServerSource.MAVEN)
            .set("log_statement", "all");
    try (PostgresServer server = launch(options)) {
      Sql.run(server::connect, "select 'seen in the log'");
      Await.until("the log", LIMIT, () -> server.log().contains("seen in the log"));
    }
  }

  @Test
  void close_paused_endsIt() {
    PostgresServer server = launchOwn();
    server.pause();
    List<ProcessHandle> processes = processes(server);
    server.close();
    server.close();
    assertThat(processes).noneMatch(PostgresServerTest::runs);
    assertThatIllegalStateException().isThrownBy(server::start);
  }

  @Test
  void stop_paused_shutsDownInGoodOrder() throws SQLException {
    try (PostgresServer server = launchOwn()) {
      server.pause();
      server.stop();
      assertThat(server.isRunning()).isFalse();
      assertThat(server.log()).contains("database system is shut down");
      server.start();
      assertThat(Sql.ask(server::connect, "select 1")).isEqualTo("1");
    }
  }

  @Test
  void launch_badSetting_saysWhyAndLeavesNothing(@TempDir Path temp) throws IOException {
    Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
    PostgresServerOptions options =
        PostgresServer.options()
            .from(ServerSource.PATH, ServerSource.MAVEN)
            .set("max_connections", "many");
    System.setProperty(TestServer.FOLDER_PROPERTY, temp.toString());
    try {
      assertThatThrownBy(() -> launch(options))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("many");
    } finally {
      System.clearProperty(TestServer.FOLDER_PROPERTY);
    }
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void launch_folder_isWhereItWasAskedFor(@TempDir Path temp) throws IOException, SQLException {
    Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
    System.setProperty(TestServer.FOLDER_PROPERTY, temp.toString());
    try (PostgresServer server =
        launch(PostgresServer.options().from(ServerSource.PATH, ServerSource.MAVEN))) {
      assertThat(Path.of(Sql.ask(server::connect, "show data_directory")))
          .startsWith(temp.toRealPath());
    } finally {
      System.clearProperty(TestServer.FOLDER_PROPERTY);
    }
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void given_address_isUsedAndCannotBeControlled() throws SQLException {
    try (PostgresServer real = launchOwn()) {
      String url = real.jdbcUrl() + "?user=" + real.user() + "&password=" + real.password();
      System.setProperty(PostgresServer.ADDRESS_PROPERTY, url);
      try (PostgresServer given = PostgresServer.launch()) {
        assertThat(given.isControllable()).isFalse();
        assertThat(given.description()).startsWith("PostgreSQL from the environment");
        assertThat(given.description()).doesNotContain(real.password());
        assertThat(Sql.ask(given::connect, "select 1")).isEqualTo("1");
        assertThatThrownBy(given::kill).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(given::pause).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(given::restart).isInstanceOf(UnsupportedOperationException.class);
      } finally {
        System.clearProperty(PostgresServer.ADDRESS_PROPERTY);
      }
      assertThat(real.isRunning()).isTrue();
    }
  }

  @Test
  void report_property_namesAFileWithOneLinePerServer(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("sub").resolve("servers");
    System.setProperty(ServerReport.FILE_PROPERTY, file.toString());
    try {
      ServerReport.add("Some 1.0 from nowhere");
      ServerReport.add("Some 1.0 from nowhere");
      ServerReport.add("Other 2.0 from nowhere");
    } finally {
      System.clearProperty(ServerReport.FILE_PROPERTY);
    }
    assertThat(file).hasContent("Some 1.0 from nowhere\nOther 2.0 from nowhere\n");
  }

  @Test
  void sources_noneHasIt_saysWhatWouldHelp() {
    ServerSources sources =
        new ServerSources("Nothing")
            .with(ServerSource.PATH, "install it", java.util.Optional::empty);
    assertThatThrownBy(() -> sources.first(java.util.EnumSet.allOf(ServerSource.class)))
        .isInstanceOf(ServerUnavailableException.class)
        .hasMessageContaining("install it");
  }
}
