package dev.holdfast.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.RedisServer;
import dev.holdfast.lock.testkit.server.ServerSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server that comes back without its data, is young, or is full. */
class ServerFaultTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final Clients clients = new Clients();

  @AfterEach
  void close() {
    clients.close();
  }

  private static LockClientOptions.Builder longer() {
    return Clients.options().lease(Duration.ofSeconds(4));
  }

  /** When it was told, and when the next one was granted. */
  private record Turn(long told, long granted, LossReason reason) {}

  /** What becomes of a lock that is held and waited for, under {@code fault}. */
  private Turn turn(LockClient a, LockClient b, String name, Runnable fault) throws Exception {
    LockHandle held = a.lock(name).acquire();
    CompletableFuture<Long> told = new CompletableFuture<>();
    held.onLost(loss -> told.complete(System.nanoTime()));
    CompletableFuture<LockHandle> next = b.lock(name).acquireAsync();
    fault.run();
    LockHandle granted = next.get(LONG.toSeconds(), TimeUnit.SECONDS);
    long now = System.nanoTime();
    assertThat(held.isHeld()).isFalse();
    assertThat(granted.fencingToken()).isGreaterThan(held.fencingToken());
    long at = told.get(LONG.toSeconds(), TimeUnit.SECONDS);
    LossReason reason = held.lost().toCompletableFuture().join().reason();
    granted.close();
    System.out.printf("[margin] redis %s: %d ms%n", name, (now - at) / 1_000_000);
    return new Turn(at, now, reason);
  }

  /**
   * L1: a server that comes back empty grants nothing until all that was held before has run out:
   * the holder is told at its next renewal, long before.
   */
  @Test
  void killAndRestart_withoutPersistence_isToldBeforeTheNextGrant() throws Exception {
    try (RedisServer server = RedisServer.options().withoutPersistence().launch()) {
      LockClient a = clients.over(RedisLocks.at(server.uri()), longer());
      LockClient b = clients.over(RedisLocks.at(server.uri()), longer());
      Turn turn =
          turn(
              a,
              b,
              "empty",
              () -> {
                server.kill();
                server.start();
              });
      assertThat(turn.granted() - turn.told()).isPositive();
    }
  }

  /** The same for a holder that cannot hear of it. */
  @Test
  void killAndRestart_withoutPersistence_waitsForHoldersThatAreCutOff() throws Exception {
    try (RedisServer server = RedisServer.options().withoutPersistence().launch();
        FaultProxy proxy = FaultProxy.to(server.address())) {
      LockClient a = clients.over(RedisLocks.at(server.uri("127.0.0.1", proxy.port())), longer());
      LockClient b = clients.over(RedisLocks.at(server.uri()), longer());
      Turn turn =
          turn(
              a,
              b,
              "empty and cut off",
              () -> {
                proxy.cut();
                server.kill();
                server.start();
              });
      assertThat(turn.granted() - turn.told()).isPositive();
      assertThat(turn.reason()).isEqualTo(LossReason.EXPIRED);
      proxy.heal();
    }
  }

  /** L1, H-32: a server that refuses writes while its disk fails: told in time, and it heals. */
  @Test
  void diskFull_isToldBeforeExpiry_andHeals() throws Exception {
    try (RedisServer server =
        RedisServer.options()
            .from(ServerSource.PATH) // its folder is removed
            .withoutPersistence()
            .line("save 3600 1")
            .launch()) {
      LockClient a = clients.at(server.uri());
      LockHandle held = a.lock("full").acquire();
      CompletableFuture<Long> told = new CompletableFuture<>();
      held.onLost(loss -> told.complete(System.nanoTime()));
      // A snapshot that cannot be written, as on a full disk: from then on no write is taken.
      server.cli("CONFIG", "SET", "rdbcompression", "no");
      server.cli("CONFIG", "SET", "dbfilename", "no-such-folder.rdb");
      removeFolder(server);
      server.cli("BGSAVE");
      Await.until(
          "a failed snapshot",
          LONG,
          () -> server.cli("INFO", "persistence").contains("rdb_last_bgsave_status:err"));
      long failing = System.nanoTime();
      assertThatThrownBy(() -> a.lock("other").tryAcquire())
          .isInstanceOfSatisfying(
              LockBackendException.class, e -> assertThat(e.isRetryable()).isTrue())
          .hasMessageContaining("MISCONF");
      long at = told.get(LONG.toSeconds(), TimeUnit.SECONDS);
      assertThat(Duration.ofNanos(at - failing)).isLessThan(Await.scaled(Clients.LEASE));
      server.cli("CONFIG", "SET", "stop-writes-on-bgsave-error", "no");
      a.lock("full").acquire(LONG).close();
    }
  }

  private static void removeFolder(RedisServer server) throws Exception {
    String folder = server.cli("CONFIG", "GET", "dir").lines().skip(1).findFirst().orElseThrow();
    try (var files = Files.list(Path.of(folder))) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.delete(Path.of(folder));
  }
}
