package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.H2Server;
import dev.holdfast.lock.testkit.server.MariaDbServer;
import dev.holdfast.lock.testkit.server.PgBouncerServer;
import dev.holdfast.lock.testkit.server.PostgresServer;
import dev.holdfast.lock.testkit.server.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Databases that go away and come back, under a whole client. */
class RestartTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  /** A killed MariaDB needed 21 s to come back on a busy machine: what is tested begins then. */
  private static final Duration LEASE = Duration.ofSeconds(60);

  private static final Duration MARGIN = Duration.ofSeconds(6);
  private static final Duration PERIOD = Duration.ofSeconds(3);

  /** A period, and a try that was under way when the server came back. */
  private static final Duration RECONNECT = Duration.ofSeconds(10);

  private static final int HELD = 200;

  @Test
  void postgres_downAtTheStartAndKilledUnderAHold_isSurvived() throws Exception {
    try (PostgresServer server = PostgresServer.launch()) {
      downAndUp(server, Servers.url(server) + "&holdfast.createSchema=true");
    }
  }

  @Test
  void mariaDb_downAtTheStartAndKilledUnderAHold_isSurvived() throws Exception {
    try (MariaDbServer server = MariaDbServer.launch()) {
      downAndUp(server, Servers.url(server) + "&holdfast.createSchema=true");
    }
  }

  @Test
  void h2_downAtTheStartAndKilledUnderAHold_isSurvived() throws Exception {
    try (H2Server server = H2Server.launch()) {
      downAndUp(server, Servers.url(server));
    }
  }

  /** The way to the database is restarted, the database stays; sessions of the pooler end. */
  @Test
  void pgBouncer_killedUnderAHold_isSurvived() throws Exception {
    try (PostgresServer server = PostgresServer.launch();
        PgBouncerServer pooler = PgBouncerServer.before(server)) {
      downAndUp(pooler, Servers.login(pooler.jdbcUrl(), server) + "&holdfast.createSchema=true");
    }
  }

  /**
   * By a request that was sent after {@code up}: then the lease ends later than a lease from it.
   */
  private static void awaitRenewal(LockHandle held, long up) {
    Await.until(
        "a renewal after the restart",
        RECONNECT,
        () -> {
          assertThat(held.isHeld()).isTrue();
          Duration since = Duration.ofNanos(System.nanoTime() - up);
          return held.remaining().plus(since).compareTo(LEASE.minus(MARGIN)) > 0;
        });
  }

  /** H-88, L3, F1. */
  private static void downAndUp(TestServer server, String url) throws Exception {
    server.stop();
    LockClientOptions options = LockClientOptions.builder().lease(LEASE).renewEvery(PERIOD).build();
    try (LockClient client = LockClient.connect(url, options)) {
      long before = System.nanoTime();
      assertThatThrownBy(() -> client.lock("n").tryAcquire(Duration.ofSeconds(1)))
          .isInstanceOf(LockBackendException.class)
          .hasMessageContaining("jdbc:")
          .hasMessageNotContaining("holdfast-secret");
      assertThat(Duration.ofNanos(System.nanoTime() - before))
          .isBetween(Duration.ofMillis(900), Await.scaled(Duration.ofMillis(1_500)));
      server.start();
      LockHandle held = client.lock("n").tryAcquire(LONG).orElseThrow();
      List<LockHandle> others = new ArrayList<>();
      for (int i = 1; i < HELD; i++) {
        others.add(client.lock("n" + i).acquire());
      }
      server.kill();
      server.start();
      long up = System.nanoTime();
      awaitRenewal(held, up);
      for (LockHandle other : others) {
        awaitRenewal(other, up);
        other.release();
      }
      long token = held.fencingToken();
      held.release();
      try (LockHandle next = client.lock("n").acquire()) {
        assertThat(next.fencingToken()).isGreaterThan(token);
      }
    }
  }
}
