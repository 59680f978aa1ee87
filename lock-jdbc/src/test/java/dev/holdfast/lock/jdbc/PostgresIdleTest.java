package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** S2, S3: what ten thousand held locks cost. */
class PostgresIdleTest {

  private static final int LOCKS = 10_000;

  @Test
  void tenThousandLocks_costOneStatementPerPeriod_andNoneIsLost() throws Exception {
    Duration period = Duration.ofSeconds(1);
    LockClientOptions options =
        LockClientOptions.builder().lease(Duration.ofSeconds(6)).renewEvery(period).build();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (PostgresServer server = PostgresServer.options().set("log_statement", "all").launch();
        Database database = Database.at(Servers.url(server));
        LockClient client =
            LockClient.over(JdbcLocks.at(database.url(), database.options()), options)) {
      List<Future<LockHandle>> grants = new ArrayList<>();
      for (int i = 0; i < LOCKS; i++) {
        String name = "idle-" + i;
        grants.add(threads.submit(() -> client.lock(name).acquire()));
      }
      List<LockHandle> held = new ArrayList<>();
      for (Future<LockHandle> grant : grants) {
        held.add(grant.get());
      }
      int threadsBefore = Thread.activeCount();
      long asked = System.nanoTime();
      List<String> statements =
          new PostgresLog(server)
              .statements(
                  database,
                  () -> {
                    long begun = System.nanoTime();
                    Await.until(
                        "ten periods",
                        Duration.ofSeconds(30),
                        () -> System.nanoTime() - begun > period.multipliedBy(10).toNanos());
                  });
      long periods = (System.nanoTime() - asked) / period.toNanos(); // more on a busy machine
      System.out.printf(
          "[operations] jdbc:postgresql %d locks held: %d statements in ten periods%n",
          LOCKS, statements.size());
      assertThat(statements)
          .hasSizeBetween(8, (int) periods + 1)
          .allMatch(line -> line.startsWith("WITH"));
      assertThat(held).allMatch(LockHandle::isHeld);
      assertThat(Thread.activeCount()).isLessThanOrEqualTo(threadsBefore + 2);
      for (Future<?> release : held.stream().map(h -> threads.submit(h::release)).toList()) {
        release.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
