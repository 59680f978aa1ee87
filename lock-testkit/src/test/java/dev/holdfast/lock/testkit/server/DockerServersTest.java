package dev.holdfast.lock.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.holdfast.lock.testkit.Await;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Servers in containers; skipped where no Docker engine answers. */
class DockerServersTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static <T extends TestServer> T launch(Supplier<T> launch) {
    try {
      return launch.get();
    } catch (ServerUnavailableException e) {
      return abort(e.getMessage());
    }
  }

  /** Reads something that was written before, through kill, stop and pause. */
  private static void checkAll(TestServer server, String written, Callable<String> read)
      throws Exception {
    int port = server.port();
    assertThat(server.isControllable()).isTrue();
    assertThat(server.isRunning()).isTrue();
    assertThat(server.description()).endsWith(" from Docker");
    assertThat(read.call()).isEqualTo(written);

    server.kill();
    assertThat(server.isRunning()).isFalse();
    assertThatThrownBy(() -> connect(server)).isInstanceOf(IOException.class);
    assertThatIllegalStateException().isThrownBy(server::pause);
    server.kill();
    server.start();
    server.start();
    assertThat(server.port()).isEqualTo(port);
    assertThat(read.call()).isEqualTo(written);

    server.pause();
    assertThat(server.isRunning()).isTrue();
    server.resume();
    server.resume();
    Await.until("the answer", LIMIT, () -> read.call().equals(written));

    server.pause();
    server.kill();
    assertThat(server.isRunning()).isFalse();
    server.start();
    server.pause();
    server.restart();
    assertThat(read.call()).isEqualTo(written);
    assertThat(server.log()).isNotBlank();

    server.close();
    server.close();
    assertThat(server.isRunning()).isFalse();
    assertThatIllegalStateException().isThrownBy(server::start);
  }

  private static void connect(TestServer server) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(server.host(), server.port()), 1000);
    }
  }

  @Test
  void redis_killedPausedRestarted_keepsItsData() throws Exception {
    try (RedisServer server =
        launch(
            () -> RedisServer.options().from(ServerSource.DOCKER).line("maxclients 77").launch())) {
      assertThat(server.cli("CONFIG", "GET", "appendfsync")).isEqualTo("appendfsync\nalways");
      assertThat(server.cli("CONFIG", "GET", "maxclients")).isEqualTo("maxclients\n77");
      assertThat(server.cli("SET", "a", "42")).isEqualTo("OK");
      checkAll(server, "42", () -> server.cli("GET", "a"));
    }
  }

  @Test
  void etcd_killedPausedRestarted_answers() throws Exception {
    try (EtcdServer server =
        launch(
            () ->
                EtcdServer.options()
                    .from(ServerSource.DOCKER)
                    .flag("max-txn-ops", "1024")
                    .launch())) {
      assertThat(server.metric("etcd_server_has_leader", labels -> true)).isEqualTo(1);
      checkAll(server, "true", () -> String.valueOf(server.isHealthy()));
    }
  }

  @Test
  void zooKeeper_killedPausedRestarted_answers() throws Exception {
    try (ZooKeeperServer server =
        launch(
            () ->
                ZooKeeperServer.options()
                    .from(ServerSource.DOCKER)
                    .property("zookeeper.forceSync", "no")
                    .launch())) {
      assertThat(server.ask("conf")).contains("tickTime=200");
      checkAll(server, "standalone", server::mode);
    }
  }

  @Test
  void mariaDb_killedPausedRestarted_keepsItsData() throws Exception {
    try (MariaDbServer server =
        launch(() -> MariaDbServer.options().from(ServerSource.DOCKER).launch())) {
      Sql.run(server::connect, "create table t (i int)", "insert into t values (42)");
      assertThat(Sql.ask(server::connect, "select @@max_connections")).isEqualTo("300");
      checkAll(server, "42", () -> Sql.ask(server::connect, "select i from t"));
    }
  }

  @Test
  void postgres_killedPausedRestarted_keepsItsData() throws Exception {
    try (PostgresServer server =
        launch(() -> PostgresServer.options().from(ServerSource.DOCKER).launch())) {
      Sql.run(server::connect, "create table t (i int)", "insert into t values (42)");
      assertThat(Sql.ask(server::connect, "show max_connections")).isEqualTo("200");
      checkAll(server, "42", () -> Sql.ask(server::connect, "select i from t"));
    }
  }

  /** What a container cannot see, it does not get; with an engine or without. */
  @Test
  void serverThatNeedsThisMachine_isNotPutIntoAContainer() {
    assertThatThrownBy(
            () ->
                RedisServer.options()
                    .from(ServerSource.DOCKER)
                    .environment("LD_PRELOAD", "clock.so")
                    .launch())
        .isInstanceOf(ServerUnavailableException.class)
        .hasMessageContaining("apt-get install redis-server");
    assertThatThrownBy(
            () ->
                EtcdServer.options().from(ServerSource.DOCKER).flag("cert-file", "a.pem").launch())
        .isInstanceOf(ServerUnavailableException.class)
        .hasMessageContaining("HOLDFAST_TEST_IMAGE_ETCD");
    assertThatThrownBy(
            () ->
                MariaDbServer.options()
                    .from(ServerSource.DOCKER)
                    .environment("LD_PRELOAD", "clock.so")
                    .launch())
        .isInstanceOf(ServerUnavailableException.class)
        .hasMessageContaining("start a Docker engine");
    assertThatThrownBy(
            () ->
                ZooKeeperServer.options()
                    .from(ServerSource.DOCKER)
                    .set("secureClientPort", "1")
                    .launch())
        .isInstanceOf(ServerUnavailableException.class)
        .hasMessageContaining("org.apache.zookeeper:zookeeper");
  }
}
