package dev.holdfast.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.RedisServer;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.protocol.ProtocolVersion;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server that is busy, loading or restricted, or changes its mind about a client. */
class ServerStateTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private static final Pattern ID = Pattern.compile("(?m)^id=(\\d+) (?!.*cmd=client)");

  private final Clients clients = new Clients();

  @AfterEach
  void close() {
    clients.close();
  }

  /** Where an answer is looked at: a stall is no missing one. */
  private static LockClientOptions.Builder patient() {
    return Clients.options().operationTimeout(Duration.ofSeconds(5));
  }

  private static void renewedAgain(LockHandle held) {
    Duration nearlyAll = held.lease().multipliedBy(3).dividedBy(4);
    Await.until("a renewal needed", LONG, () -> held.remaining().compareTo(nearlyAll) < 0);
    Await.until("a renewal", LONG, () -> held.remaining().compareTo(nearlyAll) > 0);
  }

  /** L3: somebody's endless script holds the server up for a while: no lock is lost. */
  @Test
  void server_thatIsBusy_isWaitedFor() throws Exception {
    try (RedisServer server = RedisServer.options().line("lua-time-limit 50").launch();
        Admin admin = Admin.of(server.uri())) {
      LockClient a =
          clients.over(RedisLocks.at(server.uri()), patient().lease(Duration.ofSeconds(15)));
      admin.introduce(Duration.ofSeconds(15));
      LockHandle held = a.lock("busy").acquire(LONG);
      a.lock("other").acquire(LONG).close();
      var endless =
          CompletableFuture.supplyAsync(() -> server.cli("EVAL", "while true do end", "0"));
      Await.until("a busy server", LONG, () -> server.cli("PING").startsWith("BUSY"));
      assertThatThrownBy(() -> a.lock("other").tryAcquire())
          .isInstanceOfSatisfying(
              LockBackendException.class, e -> assertThat(e.isRetryable()).isTrue())
          .hasMessageContaining("BUSY");
      CompletableFuture<LockHandle> waiter = a.lock("other").acquireAsync();
      assertThat(server.cli("SCRIPT", "KILL")).isEqualTo("OK");
      assertThat(endless.get(LONG.toSeconds(), TimeUnit.SECONDS)).contains("killed");
      waiter.get(LONG.toSeconds(), TimeUnit.SECONDS).close();
      renewedAgain(held);
      held.close();
    }
  }

  /** L3, W2: a server that still reads its file says LOADING: waited for, not failed. */
  @Test
  void server_thatLoadsItsData_isWaitedFor() throws Exception {
    try (RedisServer server =
        RedisServer.options()
            .line("key-load-delay 100000") // in microseconds, until it is told otherwise
            .line("loading-process-events-interval-bytes 1024")
            .line("rdbcompression no")
            .launch()) {
      LockClient a = clients.over(RedisLocks.at(server.uri()), patient());
      a.lock("loading").acquire(LONG).close();
      server.cli(
          "EVAL",
          "for i = 1, 150 do redis.call('SET', 'ballast-' .. i, string.rep('x', 2000)) end",
          "0");
      server.cli("BGREWRITEAOF");
      Await.until(
          "one file of keys",
          LONG,
          () -> {
            String info = server.cli("INFO", "persistence");
            return info.contains("aof_rewrite_in_progress:0")
                && info.contains("aof_rewrite_scheduled:0")
                && info.contains("aof_rewrites:1");
          });
      server.kill();
      var started = CompletableFuture.runAsync(server::start);
      Await.until("a server that loads", LONG, () -> pings(server).startsWith("LOADING"));
      assertThatThrownBy(() -> a.lock("loading").tryAcquire())
          .isInstanceOfSatisfying(
              LockBackendException.class, e -> assertThat(e.isRetryable()).isTrue())
          .hasMessageContaining("LOADING");
      CompletableFuture<LockHandle> waiter = a.lock("loading").acquireAsync();
      server.cli("CONFIG", "SET", "key-load-delay", "0");
      waiter.get(LONG.toSeconds(), TimeUnit.SECONDS).close();
      started.get(LONG.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private static String pings(RedisServer server) {
    try {
      return server.cli("PING");
    } catch (RuntimeException e) {
      return "down";
    }
  }

  /** L3, W3: an operator kills our connections, each in its turn: nothing is lost. */
  @Test
  void connections_thatAreKilled_costNothing() throws Exception {
    try (RedisServer server = RedisServer.launch()) {
      LockClient a =
          clients.over(RedisLocks.at(server.uri()), Clients.options().lease(Duration.ofSeconds(4)));
      LockClient b =
          clients.over(RedisLocks.at(server.uri()), Clients.options().lease(Duration.ofSeconds(4)));
      for (int round = 0; round < 2; round++) {
        LockHandle held = a.lock("killed").acquire(LONG);
        CompletableFuture<LockHandle> waiter = b.lock("killed").acquireAsync();
        Await.until(
            "its place", LONG, () -> server.cli("LLEN", "holdfast:queue:{killed}").equals("1"));
        renewedAgain(held);
        for (String id : ids(server)) {
          server.cli("CLIENT", "KILL", "ID", id);
        }
        renewedAgain(held);
        assertThat(waiter).isNotDone();
        held.close();
        waiter.get(LONG.toSeconds(), TimeUnit.SECONDS).close();
      }
    }
  }

  /** Of all connections but redis-cli's own. */
  private static List<String> ids(RedisServer server) {
    return ID.matcher(server.cli("CLIENT", "LIST"))
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }

  /**
   * L1, H-32: a right that is taken away while a lock is held: told before it runs out, and who
   * asks anew hears what is missing.
   */
  @Test
  void rights_takenAwayMeanwhile_areToldInTime() throws Exception {
    try (RedisServer server = RedisServer.launch()) {
      server.cli("ACL", "SETUSER", "locker", "on", ">secret", "~*", "&*", "+@all");
      LockClient a = clients.at("redis://locker:secret@127.0.0.1:" + server.port());
      LockClient b = clients.at(server.uri());
      LockHandle held = a.lock("rights").acquire(LONG);
      CompletableFuture<Long> told = new CompletableFuture<>();
      held.onLost(loss -> told.complete(System.nanoTime()));
      CompletableFuture<Long> next =
          b.lock("rights")
              .acquireAsync()
              .thenApply(
                  handle -> {
                    long now = System.nanoTime();
                    handle.close();
                    return now;
                  });
      server.cli("ACL", "SETUSER", "locker", "-evalsha", "-eval");
      assertThatThrownBy(() -> a.lock("other").acquire(LONG))
          .isInstanceOf(LockConfigurationException.class)
          .hasMessageContaining("+evalsha");
      long granted = next.get(LONG.toSeconds(), TimeUnit.SECONDS);
      long at = told.get(LONG.toSeconds(), TimeUnit.SECONDS);
      System.out.printf("[margin] redis rights taken away: %d ms%n", (granted - at) / 1_000_000);
      assertThat(granted - at).isPositive();
      assertThat(held.lost().toCompletableFuture().join().reason()).isEqualTo(LossReason.EXPIRED);
    }
  }

  /** H-93: a server without scripts cannot do it, and that is said at once. */
  @Test
  void server_withoutScripts_isRefused() throws Exception {
    try (RedisServer server = RedisServer.options().line("rename-command EVALSHA \"\"").launch()) {
      LockClient a = clients.at(server.uri());
      assertThatThrownBy(() -> a.lock("scripts").acquire(LONG))
          .isInstanceOf(LockConfigurationException.class)
          .hasMessageContaining("unknown command")
          .hasMessageContaining("6.2 or newer");
    }
  }

  /** The older protocol, by choice of the client or for the want of HELLO, does as well. */
  @Test
  void olderProtocol_isSpoken() throws Exception {
    try (RedisServer server = RedisServer.options().line("rename-command HELLO \"\"").launch()) {
      handOver(server, clients.at(server.uri()), clients.at(server.uri()));
    }
    RedisClient lent = RedisClient.create(TestServers.standalone().uri());
    try {
      lent.setOptions(ClientOptions.builder().protocolVersion(ProtocolVersion.RESP2).build());
      handOver(
          TestServers.standalone(),
          clients.over(RedisLocks.over(lent), Clients.options()),
          clients.over(RedisLocks.over(lent), Clients.options()));
      clients.close();
    } finally {
      lent.shutdown();
    }
  }

  /** Also the connections stay the same: an answer that is not understood would look like none. */
  private static void handOver(RedisServer server, LockClient a, LockClient b) throws Exception {
    LockHandle held = a.lock("older").acquire(LONG);
    assertThat(b.lock("older").holder()).isPresent();
    CompletableFuture<LockHandle> waiter = b.lock("older").acquireAsync();
    Await.until("its place", LONG, () -> server.cli("LLEN", "holdfast:queue:{older}").equals("1"));
    for (int i = 0; i < 2; i++) {
      renewedAgain(held);
    }
    List<String> connections = ids(server);
    assertThat(connections).hasSizeGreaterThanOrEqualTo(6);
    for (int i = 0; i < 4; i++) {
      renewedAgain(held);
    }
    assertThat(ids(server)).containsAll(connections);
    held.close();
    waiter.get(LONG.toSeconds(), TimeUnit.SECONDS).close();
  }
}
