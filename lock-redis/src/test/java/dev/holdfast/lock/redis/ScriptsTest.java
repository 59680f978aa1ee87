package dev.holdfast.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Scripts that are forgotten, and what the server is left with. */
class ScriptsTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final RedisServer server = TestServers.standalone();
  private final Clients clients = new Clients();

  @AfterEach
  void close() {
    clients.close();
  }

  /** H-93: SCRIPT FLUSH between any two operations. */
  @Test
  void scripts_flushedBetweenAllSteps_areToldAgain() throws Exception {
    LockClient a = clients.at(server.uri());
    LockClient b = clients.at(server.uri());
    try (Admin admin = Admin.of(server.uri())) {
      for (int i = 0; i < 20; i++) {
        admin.commands().scriptFlush();
        LockHandle held = a.lock("flushed").acquire(LONG);
        admin.commands().scriptFlush();
        assertThat(b.lock("flushed").tryAcquire()).isEmpty();
        admin.commands().scriptFlush();
        CompletableFuture<LockHandle> waiter = b.lock("flushed").acquireAsync();
        Await.until(
            "its place", LONG, () -> admin.commands().llen("holdfast:queue:{flushed}") == 1);
        admin.commands().scriptFlush();
        assertThat(a.lock("flushed").holder()).isPresent();
        admin.commands().scriptFlush();
        held.close();
        LockHandle next = waiter.get(LONG.toSeconds(), TimeUnit.SECONDS);
        admin.commands().scriptFlush();
        next.close();
      }
      LockHandle held = a.lock("flushed").acquire(LONG);
      long until = System.nanoTime() + 2 * Clients.LEASE.toNanos();
      Await.until(
          "two leases with flushes",
          LONG,
          () -> {
            admin.commands().scriptFlush();
            return System.nanoTime() - until > 0;
          });
      assertThat(held.isHeld()).isTrue();
      held.close();
    }
  }

  /**
   * H-60, S1: ten thousand names with waiters that time out, are cancelled or served, leave the
   * server's keys, channels and connections, and the heap, as they were.
   */
  @Test
  void names_manyWithWaiters_leaveNothing() throws Exception {
    try (Admin admin = Admin.of(server.uri())) {
      server.cli("FLUSHALL"); // other tests' last tokens, which go when their long leases would
      LockClient a = clients.at(server.uri());
      LockClient b = clients.at(server.uri());
      LockClient c = clients.at(server.uri());
      for (LockClient each : List.of(a, b, c)) {
        round(each, each, each, "warm up", 500);
      }
      Await.until("keys to expire", LONG, () -> admin.keys() == 0);
      long channels = admin.channels();
      long heap = heap();
      round(a, b, c, "name", 10_000);
      Await.until("keys to expire", LONG, () -> admin.keys() == 0);
      assertThat(admin.clients()).as("three of each client, and our own").isLessThanOrEqualTo(10);
      assertThat(admin.channels()).isEqualTo(channels);
      // A hundred bytes a name would be a megabyte.
      Await.until("heap as before", LONG, () -> heap() - heap < 1_000_000);
    }
  }

  private static long heap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static void round(LockClient a, LockClient b, LockClient c, String name, int names)
      throws Exception {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    for (int from = 0; from < names; from += 500) {
      List<LockHandle> held = new ArrayList<>();
      List<CompletableFuture<Boolean>> closed = new ArrayList<>();
      for (int i = from; i < from + 500; i++) {
        held.add(a.lock(name + i).acquire(LONG));
        for (LockClient each : List.of(b, c)) {
          CompletableFuture<LockHandle> waiter = each.lock(name + i).acquireAsync();
          closed.add(waiter.handle((handle, failure) -> close(handle)));
          switch (random.nextInt(4)) {
            case 0 -> waiter.cancel(false);
            case 1 -> {
              var unused = waiter.orTimeout(random.nextInt(100), TimeUnit.MILLISECONDS);
            }
            default -> {}
          }
        }
      }
      held.forEach(LockHandle::close);
      // Of two waiters of a name either may be the first: each closes by itself.
      for (CompletableFuture<Boolean> each : closed) {
        var unused = each.get(20, TimeUnit.SECONDS);
      }
    }
  }

  private static boolean close(@Nullable LockHandle handle) {
    if (handle != null) {
      handle.close();
    }
    return handle != null;
  }
}
