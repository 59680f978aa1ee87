package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that do nothing but take one lock, hold it for a moment and give it back. */
class FairnessTest {

  private static final int CLIENTS = 4;
  private static final Duration LEAST = Duration.ofSeconds(3);

  /** On a machine that is busy with other things: as many as tell chance from a rule. */
  private static final int LEAST_HOLDS = 200;

  private record Share(List<long[]> holds) {}

  /** Nobody gets less than a third of a fair share. */
  @ParameterizedTest
  @CsvSource({
    "jdbc:postgresql, true, 1",
    "jdbc:postgresql, true, 25",
    "jdbc:postgresql, false, 1",
    "jdbc:postgresql, false, 25",
    "jdbc:mariadb, true, 1",
    "jdbc:mariadb, true, 25",
    "jdbc:h2, true, 1"
  })
  void greedyClients_shareTheLock(String store, boolean listen, int holdMillis) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    List<LockClient> clients = new ArrayList<>();
    try (Database database = Database.at(url(store))) {
      JdbcLockOptions options =
          JdbcLockOptions.builder()
              .table(database.table())
              .createSchema(true)
              .listen(listen)
              .build();
      for (int i = 0; i < CLIENTS; i++) {
        LockClient client = LockClient.over(JdbcLocks.at(database.url(), options));
        clients.add(client);
        client.lock("warm-up " + i).run(held -> {});
      }
      List<Share> shares = shares(clients, holdMillis, threads);
      List<Integer> sizes = shares.stream().map(share -> share.holds.size()).toList();
      System.out.printf(
          "[hand-over] %s%s 4 clients, holds of %d ms: %s holds each, %s%n",
          store, listen ? "" : " without LISTEN", holdMillis, sizes, gaps(shares));
      int all = sizes.stream().mapToInt(Integer::intValue).sum();
      assertThat(sizes).allMatch(size -> size * 3 * CLIENTS >= all);
      clients.forEach(LockClient::close);
    } finally {
      threads.shutdownNow();
      clients.forEach(LockClient::close);
    }
  }

  private static String url(String store) {
    return switch (store) {
      case "jdbc:postgresql" -> Servers.url(Servers.postgres());
      case "jdbc:mariadb" -> Servers.url(Servers.mariaDb());
      default -> Servers.url(Servers.h2());
    };
  }

  private static List<Share> shares(
      List<LockClient> clients, int holdMillis, ExecutorService threads) throws Exception {
    CountDownLatch start = new CountDownLatch(CLIENTS);
    AtomicInteger holds = new AtomicInteger();
    List<Future<Share>> loops = new ArrayList<>();
    for (LockClient client : clients) {
      loops.add(threads.submit(() -> share(client, holdMillis, start, holds)));
    }
    List<Share> shares = new ArrayList<>();
    for (Future<Share> loop : loops) {
      shares.add(loop.get());
    }
    return shares;
  }

  private static Share share(
      LockClient client, int holdMillis, CountDownLatch start, AtomicInteger holds)
      throws InterruptedException {
    List<long[]> mine = new ArrayList<>();
    start.countDown();
    start.await();
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < LEAST.toNanos() || holds.get() < LEAST_HOLDS) {
      try (LockHandle held = client.lock("n").acquire()) {
        long from = System.nanoTime();
        LockSupport.parkNanos(holdMillis * 1_000_000L);
        held.ensureHeld();
        holds.incrementAndGet();
        mine.add(new long[] {from, System.nanoTime()});
      }
    }
    return new Share(mine);
  }

  private static String gaps(List<Share> shares) {
    List<long[]> holds =
        shares.stream()
            .flatMap(share -> share.holds.stream())
            .sorted((one, other) -> Long.compare(one[0], other[0]))
            .toList();
    List<Long> gaps = new ArrayList<>();
    for (int i = 1; i < holds.size(); i++) {
      long gap = holds.get(i)[0] - holds.get(i - 1)[1];
      assertThat(gap).as("X1").isPositive();
      gaps.add(gap);
    }
    gaps.sort(null);
    return "from hand to hand in %.1f ms (median), %.1f ms (99 %%)"
        .formatted(gaps.get(gaps.size() / 2) / 1e6, gaps.get(gaps.size() * 99 / 100) / 1e6);
  }
}
