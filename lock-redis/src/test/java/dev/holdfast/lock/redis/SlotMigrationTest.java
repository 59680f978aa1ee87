package dev.holdfast.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.RedisCluster;
import dev.holdfast.lock.testkit.server.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A slot that moves from one node to another while locks of it are held. */
class SlotMigrationTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final Clients clients = new Clients();

  @AfterEach
  void close() {
    clients.close();
  }

  private static void renewedAgain(LockHandle held) {
    Duration nearlyAll = held.lease().multipliedBy(3).dividedBy(4);
    Await.until("a renewal needed", LONG, () -> held.remaining().compareTo(nearlyAll) < 0);
    Await.until("a renewal", LONG, () -> held.remaining().compareTo(nearlyAll) > 0);
  }

  /**
   * L3: renewals follow the keys, by TRYAGAIN, ASK and MOVED; a claim meanwhile is to be tried
   * again, and is granted when the slot has arrived.
   */
  @Test
  void slot_thatMoves_takesItsLocksAlong() throws Exception {
    try (RedisCluster cluster = RedisCluster.launch(Duration.ofSeconds(5))) {
      LockClient a = clients.at(cluster.uri());
      LockClient b = clients.at(cluster.uri());
      LockHandle held = a.lock("moving").acquire(LONG);
      RedisServer from = cluster.masterOf("moving");
      RedisServer to =
          cluster.nodes().stream()
              .filter(node -> node != from && node.cli("ROLE").startsWith("master"))
              .findFirst()
              .orElseThrow();
      String slot = from.cli("CLUSTER", "KEYSLOT", "moving");
      String toId = to.cli("CLUSTER", "MYID");
      to.cli("CLUSTER", "SETSLOT", slot, "IMPORTING", from.cli("CLUSTER", "MYID"));
      from.cli("CLUSTER", "SETSLOT", slot, "MIGRATING", toId);
      renewedAgain(held);
      // Both keys that a renewal needs go at once, as redis-cli --cluster reshard moves them.
      from.cli(
          "MIGRATE",
          to.host(),
          Integer.toString(to.port()),
          "",
          "0",
          "5000",
          "KEYS",
          "moving",
          RedisKeys.of("moving").fence());
      renewedAgain(held);
      assertThatThrownBy(() -> b.lock("moving").tryAcquire())
          .isInstanceOfSatisfying(
              LockBackendException.class, e -> assertThat(e.isRetryable()).isTrue())
          .hasMessageContaining("TRYAGAIN");
      CompletableFuture<LockHandle> waiter = b.lock("moving").acquireAsync();
      for (RedisServer node : List.of(to, from)) {
        assertThat(node.cli("CLUSTER", "SETSLOT", slot, "NODE", toId)).isEqualTo("OK");
      }
      renewedAgain(held);
      assertThat(waiter).isNotDone();
      assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
      LockHandle next = waiter.get(LONG.toSeconds(), TimeUnit.SECONDS);
      assertThat(next.fencingToken()).isGreaterThan(held.fencingToken());
      next.close();
    }
  }
}
