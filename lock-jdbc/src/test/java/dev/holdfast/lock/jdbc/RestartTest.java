package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.H2Server;
import dev.holdfast.lock.testkit.server.PostgresServer;
import dev.holdfast.lock.testkit.server.TestServer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Databases that go away and come back, under a whole client. */
class RestartTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  void postgres_downAtTheStartAndKilledUnderAHold_isSurvived() throws Exception {
    try (PostgresServer server = PostgresServer.launch()) {
      downAndUp(server, Servers.url(server) + "&holdfast.createSchema=true");
    }
  }

  @Test
  void h2_downAtTheStartAndKilledUnderAHold_isSurvived() throws Exception {
    try (H2Server server = H2Server.launch()) {
      downAndUp(server, Servers.url(server));
    }
  }

  /** H-88, L3, F1. */
  private static void downAndUp(TestServer server, String url) throws Exception {
    server.stop();
    LockClientOptions options = LockClientOptions.builder().lease(Duration.ofSeconds(15)).build();
    try (LockClient client = LockClient.connect(url, options)) {
      long before = System.nanoTime();
      assertThatThrownBy(() -> client.lock("n").tryAcquire(Duration.ofSeconds(1)))
          .isInstanceOf(LockBackendException.class)
          .hasMessageContaining("jdbc:")
          .hasMessageNotContaining("holdfast-secret");
      assertThat(Duration.ofNanos(System.nanoTime() - before))
          .isBetween(Duration.ofMillis(900), Duration.ofMillis(1_500));
      server.start();
      LockHandle held = client.lock("n").tryAcquire(LONG).orElseThrow();
      server.kill();
      server.start();
      Await.until(
          "a renewal after the restart",
          LONG,
          () -> held.remaining().compareTo(Duration.ofSeconds(13)) > 0);
      assertThat(held.isHeld()).isTrue();
      long token = held.fencingToken();
      held.release();
      try (LockHandle next = client.lock("n").acquire()) {
        assertThat(next.fencingToken()).isGreaterThan(token);
      }
    }
  }
}
