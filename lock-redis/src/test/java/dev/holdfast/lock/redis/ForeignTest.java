package dev.holdfast.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockTimeoutException;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.RedisServer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Beside other programs on the same keys, and operators with redis-cli. */
class ForeignTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final RedisServer server = TestServers.standalone();
  private final Clients clients = new Clients();
  private final LockClient client = clients.at(server.uri());

  @AfterEach
  void close() {
    clients.close();
  }

  /** Another program holds it by SET NX EX: we wait, are told who, and get it when it is gone. */
  @Test
  void lock_heldByAnotherProgram_isWaitedFor() throws Exception {
    assertThat(server.cli("SET", "foreign-1", "cron@host7", "NX", "EX", "30")).isEqualTo("OK");
    assertThat(client.lock("foreign-1").tryAcquire()).isEmpty();
    LockHolder holder = client.lock("foreign-1").holder().orElseThrow();
    assertThat(holder.description()).contains("cron@host7");
    assertThat(holder.fencingToken()).isEmpty();
    assertThat(holder.expiresIn().orElseThrow()).isBetween(Duration.ZERO, Duration.ofSeconds(30));

    CompletableFuture<LockHandle> waiter = client.lock("foreign-1").acquireAsync();
    assertThatThrownBy(() -> waiter.get(300, TimeUnit.MILLISECONDS)).isNotNull();
    server.cli("DEL", "foreign-1");
    waiter.get(LONG.toSeconds(), TimeUnit.SECONDS).close(); // by asking, for nobody tells us
  }

  /** Its expiry is looked for, also without a release. */
  @Test
  void lock_whoseForeignHolderRunsOut_isTakenOver() throws Exception {
    server.cli("SET", "foreign-2", "x", "NX", "PX", "400");
    try (LockHandle held = client.lock("foreign-2").acquire(Duration.ofSeconds(5))) {
      assertThat(held.isHeld()).isTrue();
    }
  }

  /** We hold it: the other program is refused, and sees what we wrote. */
  @Test
  void lock_heldByUs_isRefusedToOthers() throws Exception {
    try (LockHandle held = client.lock("foreign-3").acquire()) {
      assertThat(server.cli("SET", "foreign-3", "x", "NX", "EX", "30")).isEmpty();
      assertThat(server.cli("GET", "foreign-3")).matches("[a-z0-9-]{1,48}");
      assertThat(Long.parseLong(server.cli("PTTL", "foreign-3")))
          .isBetween(1L, Clients.LEASE.toMillis());
      assertThat(held.isHeld()).isTrue();
    }
    assertThat(server.cli("EXISTS", "foreign-3")).isEqualTo("0");
  }

  /** L4: a key that was deleted under us is told within a renewal period. */
  @Test
  void lock_deletedByAnOperator_isToldAsRevoked() throws Exception {
    assertThat(lossAfter("foreign-4", "DEL", "foreign-4").reason()).isEqualTo(LossReason.REVOKED);
  }

  /** L4, R1: a key that another program took over is told, and left alone by our release. */
  @Test
  void lock_takenOverByAnotherProgram_isToldAndLeftAlone() throws Exception {
    assertThat(lossAfter("foreign-5", "SET", "foreign-5", "mine").reason())
        .isEqualTo(LossReason.REVOKED);
    assertThat(server.cli("GET", "foreign-5")).isEqualTo("mine");
    server.cli("DEL", "foreign-5");
  }

  /** L4: FLUSHALL, or the eviction of the key, is told within a renewal period. */
  @Test
  void lock_flushedAway_isToldAsRevoked() throws Exception {
    assertThat(lossAfter("foreign-6", "FLUSHALL").reason()).isEqualTo(LossReason.REVOKED);
  }

  private LockLoss lossAfter(String name, String... command) throws Exception {
    LockHandle held = client.lock(name).acquire();
    long token = held.fencingToken();
    server.cli(command);
    // By the next renewal: had it been the clock, the reason would be EXPIRED.
    LockLoss loss = held.lost().toCompletableFuture().get(LONG.toSeconds(), TimeUnit.SECONDS);
    assertThat(held.isHeld()).isFalse();
    held.close();
    assertThat(loss.fencingToken()).isEqualTo(token);
    return loss;
  }

  /** F1: the fence may be lost as well; the clock goes on. */
  @Test
  void tokens_afterAllKeysWereDeleted_increase() throws Exception {
    long before;
    try (LockHandle held = client.lock("foreign-7").acquire()) {
      before = held.fencingToken();
    }
    server.cli("FLUSHALL");
    try (LockHandle held = client.lock("foreign-7").acquire()) {
      assertThat(held.fencingToken()).isGreaterThan(before);
    }
  }

  /** A key of another type is no lock, and is not touched. */
  @Test
  void lock_whoseKeyIsNoString_failsAtOnce() {
    server.cli("LPUSH", "foreign-8", "x");
    assertThatThrownBy(() -> client.lock("foreign-8").acquire())
        .isInstanceOf(LockBackendException.class)
        .hasMessageContaining("foreign-8")
        .hasMessageContaining("something else than a string");
    assertThat(server.cli("LLEN", "foreign-8")).isEqualTo("1");
    server.cli("DEL", "foreign-8");
  }

  /** The same of a key beside it: nobody's data is overwritten or misread. */
  @Test
  void lock_whoseQueueIsNoList_failsAtOnce() {
    String queue = RedisKeys.of("foreign-9").queue();
    server.cli("SET", queue, "x");
    assertThatThrownBy(() -> client.lock("foreign-9").acquire())
        .isInstanceOf(LockBackendException.class)
        .hasMessageContaining("foreign-9")
        .hasMessageContaining("WRONGTYPE");
    assertThat(server.cli("GET", queue)).isEqualTo("x");
    assertThat(server.cli("EXISTS", "foreign-9")).isEqualTo("0");
    server.cli("DEL", queue);
  }

  /** W2, P3: a foreign key that never expires is waited for as long as was asked, and named. */
  @Test
  void lock_heldByAKeyWithoutExpiry_isTimedOut() throws Exception {
    server.cli("SET", "foreign-10", "for ever");
    assertThat(client.lock("foreign-10").tryAcquire()).isEmpty();
    assertThat(client.lock("foreign-10").holder().orElseThrow().expiresIn()).isEmpty();
    assertThatThrownBy(() -> client.lock("foreign-10").acquire(Duration.ofMillis(1_200)))
        .isInstanceOf(LockTimeoutException.class)
        .hasMessageContaining("for ever");
    assertThat(server.cli("TTL", "foreign-10")).isEqualTo("-1");
    server.cli("DEL", "foreign-10");
    client.lock("foreign-10").acquire(LONG).close();
  }

  /** P3: who holds and who waits may call itself as it likes. */
  @Test
  void description_ofAnySigns_isShown() throws Exception {
    String odd = " a b\n\u0000 %d '\"\\ \u00e4\ud83d\udd12 ";
    LockClientOptions options = Clients.options().description(odd).build();
    try (LockClient a = LockClient.over(RedisLocks.at(server.uri()), options);
        LockClient b = LockClient.over(RedisLocks.at(server.uri()), options)) {
      LockHandle held = a.lock("foreign-11").acquire(LONG);
      assertThat(b.lock("foreign-11").holder().orElseThrow().description()).isEqualTo(odd);
      CompletableFuture<LockHandle> waiter = b.lock("foreign-11").acquireAsync();
      Await.until(
          "its place", LONG, () -> server.cli("LLEN", "holdfast:queue:{foreign-11}").equals("1"));
      held.close();
      LockHandle next = waiter.get(LONG.toSeconds(), TimeUnit.SECONDS);
      assertThat(a.lock("foreign-11").holder().orElseThrow().description()).isEqualTo(odd);
      next.close();
    }
  }

  /** A lease that is no whole number of milliseconds is kept for longer than it is trusted. */
  @Test
  void lease_ofFractionsOfAMillisecond_isRoundedUp() throws Exception {
    Duration lease = Duration.ofNanos(2_900_000_001L);
    try (LockHandle held =
        client.lock("foreign-12", LockOptions.builder().lease(lease).build()).acquire(LONG)) {
      assertThat(held.lease()).isEqualTo(lease);
      long since = System.nanoTime();
      Await.until("three leases", LONG, () -> System.nanoTime() - since > 3 * lease.toNanos());
      assertThat(held.isHeld()).isTrue();
    }
  }
}
