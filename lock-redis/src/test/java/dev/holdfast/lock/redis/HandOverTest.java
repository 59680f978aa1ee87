package dev.holdfast.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.RedisServer;
import io.lettuce.core.RedisClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a hand-over costs, by the server's own count: W4 and W5. */
class HandOverTest {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final RedisServer server = TestServers.standalone();

  /**
   * Long leases, polls and patience, so that nothing but hand-overs is counted: a request that is
   * repeated would be. The server's age is another test's matter.
   */
  private static LockClientOptions.Builder quiet() {
    return Clients.options()
        .lease(Duration.ofMinutes(10))
        .pollInterval(Duration.ofMinutes(1))
        .operationTimeout(LIMIT);
  }

  private static final RedisLockOptions ANY_AGE =
      RedisLockOptions.builder().maxLease(Duration.ofMinutes(10)).build();

  /** W5: a waiter's claim and its release: two commands, however many others wait. */
  @ParameterizedTest
  @ValueSource(ints = {1, 10, 100, 500})
  void handOver_isTwoCommands(int waiters) throws Exception {
    RedisClient shared = RedisClient.create(server.uri());
    try (Admin admin = Admin.of(server.uri());
        Clients clients = new Clients()) {
      String name = "hand-over-" + waiters;
      admin.introduce(Duration.ofMinutes(10));
      LockClient holder = clients.over(RedisLocks.over(shared, ANY_AGE), quiet());
      LockHandle first = holder.lock(name).acquire();
      long before = admin.scriptsRun();
      List<Integer> order = new CopyOnWriteArrayList<>();
      List<CompletableFuture<Void>> done = new ArrayList<>();
      for (int i = 0; i < waiters; i++) {
        int number = i;
        LockClient client = clients.over(RedisLocks.over(shared, ANY_AGE), quiet());
        done.add(
            client
                .lock(name)
                .acquireAsync()
                .thenAccept(
                    handle -> {
                      order.add(number);
                      handle.close();
                    }));
        int queued = i + 1;
        Await.until(
            "place " + queued,
            LIMIT,
            () -> admin.commands().llen(RedisKeys.of(name).queue()) == queued);
      }
      first.close();
      for (CompletableFuture<Void> each : done) {
        each.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      }
      long commands = admin.scriptsRun() - before;
      // One release more than waiters: the first holder's.
      double perHandOver = (double) (commands - 1) / waiters;
      System.out.printf(
          "[operations] redis %d waiting clients: %.2f commands per hand-over%n",
          waiters, perHandOver);
      assertThat(perHandOver).isEqualTo(2.0);
      assertThat(order).as("W4: order of arrival").isSorted().hasSize(waiters);
    } finally {
      shared.shutdown();
    }
  }

  /** S2: ten thousand held locks cost a few commands per period. */
  @Test
  void renewals_ofTenThousand_areAFewCommands() throws Exception {
    try (Admin admin = Admin.of(server.uri());
        Clients clients = new Clients()) {
      LockClient client = clients.over(RedisLocks.at(server.uri()), LockClientOptions.builder());
      admin.introduce(Duration.ofSeconds(15));
      List<CompletableFuture<LockHandle>> held = new ArrayList<>();
      for (int i = 0; i < 10_000; i++) {
        held.add(client.lock("many-" + i).acquireAsync());
      }
      for (CompletableFuture<LockHandle> each : held) {
        each.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      }
      long start = System.nanoTime();
      long before = admin.scriptsRun();
      Await.until("two periods", LIMIT, () -> System.nanoTime() - start > 7_000_000_000L);
      double perSecond = (admin.scriptsRun() - before) * 1e9 / (System.nanoTime() - start);
      System.out.printf("[operations] redis 10000 held: %.1f commands/s%n", perSecond);
      assertThat(perSecond).isLessThanOrEqualTo(20);
      for (CompletableFuture<LockHandle> each : held) {
        assertThat(each.join().isHeld()).isTrue();
        var unused = each.join().releaseAsync();
      }
    }
  }
}
