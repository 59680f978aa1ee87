package dev.holdfast.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server whose memory is full. */
class EvictionTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final Clients clients = new Clients();

  @AfterEach
  void close() {
    clients.close();
  }

  /** Less than it needs for itself: it gives up every key before it takes another write. */
  private static void fill(RedisServer server) {
    server.cli("CONFIG", "SET", "maxmemory", "1");
    server.cli("SET", "one-more", "x");
  }

  private static void empty(RedisServer server) {
    server.cli("CONFIG", "SET", "maxmemory", "0");
  }

  /** L4: held locks that were evicted are told as revoked at their next renewal. */
  @Test
  void heldLocks_thatAreEvicted_areToldAsRevoked() throws Exception {
    try (RedisServer server =
        RedisServer.options().withoutPersistence().line("maxmemory-policy allkeys-lru").launch()) {
      LockClient client = clients.at(server.uri());
      List<LockHandle> held = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        held.add(client.lock("evicted-" + i).acquire(LONG));
      }
      fill(server);
      Await.until("all keys to be gone", LONG, () -> server.cli("DBSIZE").equals("0"));
      empty(server);
      for (LockHandle each : held) {
        var loss = each.lost().toCompletableFuture().get(LONG.toSeconds(), TimeUnit.SECONDS);
        // Had it been told by the clock alone, it would be EXPIRED.
        assertThat(loss.reason()).isEqualTo(LossReason.REVOKED);
      }
      LockHandle again = client.lock("evicted-0").acquire(LONG);
      assertThat(again.fencingToken()).isGreaterThan(held.get(0).fencingToken());
      again.close();
    }
  }

  /** noeviction, as is recommended: nobody gets a lock, and nobody loses one. */
  @Test
  void memory_thatIsFull_refusesClaims_andKeepsWhatIsHeld() throws Exception {
    try (RedisServer server =
        RedisServer.options().withoutPersistence().line("maxmemory-policy noeviction").launch()) {
      LockClient a = clients.at(server.uri());
      LockClient b = clients.at(server.uri());
      b.lock("warm up").acquire(LONG).close();
      LockHandle held = a.lock("kept").acquire(LONG);
      fill(server);
      assertThatThrownBy(() -> b.lock("refused").tryAcquire())
          .isInstanceOfSatisfying(
              LockBackendException.class, e -> assertThat(e.isRetryable()).isTrue())
          .hasMessageContaining("OOM")
          .hasMessageContaining("refused");
      CompletableFuture<LockHandle> waiter = b.lock("kept").acquireAsync();
      long since = System.nanoTime();
      Await.until(
          "two leases", LONG, () -> System.nanoTime() - since > 2 * Clients.LEASE.toNanos());
      assertThat(held.isHeld()).isTrue();
      assertThat(waiter).isNotDone();
      assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
      assertThat(server.cli("EXISTS", "kept")).isEqualTo("0");
      empty(server);
      waiter.get(LONG.toSeconds(), TimeUnit.SECONDS).close();
    }
  }
}
