package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FreePorts;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an operator takes away, and what comes to etcd after nobody wants it any more. */
class EtcdWithdrawalTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration LEASE = Duration.ofSeconds(6);

  /** A quarter of the lease less its margin, and what some requests take on a busy machine. */
  private static final Duration ONE_PERIOD = Duration.ofMillis(1_350 + 1_000);

  private final String prefix = "withdrawal" + System.nanoTime();
  private final EtcdLockOptions options = EtcdLockOptions.builder().keyPrefix(prefix).build();
  private final LateCalls late = new LateCalls("KV/Txn");
  private final LateCalls lateDeletes = new LateCalls("KV/DeleteRange");
  private Client operator;
  private Client lent;
  private LockClient a;
  private LockClient b;

  private static LockClientOptions lockOptions(String who) {
    return LockClientOptions.builder()
        .lease(LEASE)
        .operationTimeout(Duration.ofMillis(500))
        .pollInterval(Duration.ofSeconds(30))
        .description(who)
        .build();
  }

  @BeforeEach
  void open() {
    String endpoint = Servers.alone().endpoint();
    operator = Client.builder().endpoints(endpoint).build();
    lent = Client.builder().endpoints(endpoint).interceptor(late).interceptor(lateDeletes).build();
    a = LockClient.over(EtcdLocks.over(lent, options), lockOptions("a"));
    String uri = "etcd://127.0.0.1:" + Servers.alone().port() + "/" + prefix;
    b = LockClient.connect(uri, lockOptions("b"));
  }

  @AfterEach
  void close() {
    a.close();
    b.close();
    lent.close();
    operator.close();
  }

  private List<KeyValue> keys(String name) throws Exception {
    return operator
        .getKVClient()
        .get(EtcdKeys.bytes(prefix + "/" + name + "/"), GetOption.builder().isPrefix(true).build())
        .get(5, TimeUnit.SECONDS)
        .getKvs();
  }

  private void awaitNoKeys(String name, Duration limit) {
    Await.until("no key of " + name, limit, () -> keys(name).isEmpty());
  }

  private static CompletableFuture<LockLoss> lossOf(LockHandle handle) {
    CompletableFuture<LockLoss> lost = new CompletableFuture<>();
    handle.onLost(lost::complete);
    return lost;
  }

  private static <T> T soon(CompletableFuture<T> future) throws Exception {
    return future.get(Await.scaled(Duration.ofSeconds(10)).toMillis(), TimeUnit.MILLISECONDS);
  }

  /** W1: the put is answered after the wait was over. */
  @Test
  void put_thatArrivesAfterItsWithdrawal_isTakenBack() throws Exception {
    LockHandle other = a.lock("other").acquire();
    late.hold(false);
    assertThatThrownBy(() -> a.lock("n").tryAcquire()).isInstanceOf(LockBackendException.class);
    assertThat(late.held()).isPositive();
    late.deliver();
    awaitNoKeys("n", LONG);
    assertThat(b.lock("n").tryAcquire(Await.scaled(ONE_PERIOD))).isPresent();
    other.close();
  }

  /** W1: the put is never answered, and arrives when all else is done. */
  @Test
  void put_thatNobodyHearsOf_isSweptWithinAPeriod() throws Exception {
    LockHandle other = a.lock("other").acquire();
    late.hold(true);
    assertThatThrownBy(() -> a.lock("n").tryAcquire()).isInstanceOf(LockBackendException.class);
    late.pass();
    Await.until("the withdrawal", LONG, () -> late.held() > 0);
    late.deliver();
    Await.until("the late put", LONG, () -> late.unheard() > 0);
    awaitNoKeys("n", Await.scaled(ONE_PERIOD));
    // Not at once: to connect and to make its lease may take more than one operation is given here.
    assertThat(b.lock("n").tryAcquire(Await.scaled(ONE_PERIOD))).isPresent();
    assertThat(other.isHeld()).isTrue();
    other.close();
  }

  /** R1: a delete by name, still under way when its claim is over, hits no later key. */
  @Test
  void withdrawal_thatArrivesLate_leavesTheNextClaim() throws Exception {
    LockHandle other = a.lock("other").acquire();
    late.hold(false);
    lateDeletes.hold(true);
    assertThatThrownBy(() -> a.lock("n").tryAcquire()).isInstanceOf(LockBackendException.class);
    Await.until("the withdrawal", LONG, () -> lateDeletes.held() > 0);
    long before = revision();
    late.deliver();
    Await.until("put and repeated delete", LONG, () -> revision() >= before + 2);
    awaitNoKeys("n", LONG);
    LockHandle next = a.lock("n").acquire(LONG);
    lateDeletes.deliver();
    Await.until("the late delete", LONG, () -> lateDeletes.unheard() > 0);
    assertThat(keys("n")).hasSize(1);
    assertThat(next.release()).isNotEqualTo(ReleaseResult.ALREADY_LOST);
    other.close();
  }

  private long revision() throws Exception {
    return operator
        .getKVClient()
        .get(EtcdKeys.bytes("x"))
        .get(5, TimeUnit.SECONDS)
        .getHeader()
        .getRevision();
  }

  /** W1, H-52: whoever stops waiting is not granted, and is in nobody's way. */
  @Test
  void waiter_thatGaveUp_leavesNoKey() throws Exception {
    LockHandle held = b.lock("n").acquire();
    assertThat(a.lock("n").tryAcquire(Await.scaled(Duration.ofSeconds(1)))).isEmpty();
    awaitOneKey("n");
    CompletableFuture<LockHandle> cancelled = a.lock("n").acquireAsync();
    Await.until("the waiter", LONG, () -> keys("n").size() == 2);
    cancelled.cancel(true);
    awaitOneKey("n");
    Thread thread =
        new Thread(
            () -> {
              try {
                a.lock("n").acquire().close();
              } catch (InterruptedException e) {
                // as it should be
              }
            });
    thread.start();
    Await.until("the waiter", LONG, () -> keys("n").size() == 2);
    thread.interrupt();
    thread.join(5_000);
    awaitOneKey("n");
    held.close();
    awaitNoKeys("n", LONG);
  }

  private void awaitOneKey(String name) {
    Await.until("the holder's key alone", LONG, () -> keys(name).size() == 1);
  }

  /** L4, H-15. */
  @Test
  void revokedLease_isToldWithinAPeriod_andTheWaiterGoesOn() throws Exception {
    LockHandle held = a.lock("n").acquire();
    CompletableFuture<LockLoss> lost = lossOf(held);
    CompletableFuture<LockHandle> next = b.lock("n").acquireAsync();
    Await.until("the waiter", LONG, () -> keys("n").size() == 2);
    long revoked = System.nanoTime();
    operator.getLeaseClient().revoke(leaseOf("a")).get(5, TimeUnit.SECONDS);
    assertThat(soon(lost).reason()).isEqualTo(LossReason.SESSION_LOST);
    assertThat(Duration.ofNanos(System.nanoTime() - revoked)).isLessThan(Await.scaled(ONE_PERIOD));
    assertThat(held.isHeld()).isFalse();
    try (LockHandle granted = soon(next)) {
      assertThat(granted.fencingToken()).isGreaterThan(held.fencingToken());
    }
    // The client has another lease by now, and what it takes under it is kept alive.
    try (LockHandle again = a.lock("n").acquire()) {
      Duration enough = LEASE.plusSeconds(1);
      long since = System.nanoTime();
      Await.until("a lease", LONG, () -> System.nanoTime() - since > enough.toNanos());
      assertThat(again.isHeld()).isTrue();
    }
  }

  private long leaseOf(String who) throws Exception {
    return keys("n").stream()
        .filter(kv -> EtcdKeys.text(kv.getValue()).equals(who))
        .findFirst()
        .orElseThrow()
        .getLease();
  }

  /** L4: also when it is not the only one, and none of the others is hurt. */
  @Test
  void deletedKey_isToldWithinAPeriod_andTheOthersStay() throws Exception {
    LockHandle held = a.lock("n").acquire();
    LockHandle other = a.lock("other").acquire();
    CompletableFuture<LockLoss> lost = lossOf(held);
    long deleted = System.nanoTime();
    operator.getKVClient().delete(keys("n").get(0).getKey()).get(5, TimeUnit.SECONDS);
    assertThat(soon(lost).reason()).isEqualTo(LossReason.REVOKED);
    assertThat(Duration.ofNanos(System.nanoTime() - deleted)).isLessThan(Await.scaled(ONE_PERIOD));
    assertThat(other.isHeld()).isTrue();
    other.close();
  }

  /** H-36: a waiter whose own lease died enters anew, and is granted under a living one. */
  @Test
  void waiter_whoseLeaseDied_entersAnew() throws Exception {
    LockHandle held = b.lock("n").acquire();
    CompletableFuture<LockHandle> waits = a.lock("n").acquireAsync();
    Await.until("the waiter", LONG, () -> keys("n").size() == 2);
    long dead = leaseOf("a");
    operator.getLeaseClient().revoke(dead).get(5, TimeUnit.SECONDS);
    Await.until(
        "the waiter, under another lease",
        Await.scaled(ONE_PERIOD),
        () -> keys("n").size() == 2 && leaseOf("a") != dead);
    assertThat(waits).isNotDone();
    held.close();
    try (LockHandle granted = soon(waits)) {
      assertThat(granted.isHeld()).isTrue();
      assertThat(keys("n")).hasSize(1);
    }
  }

  /** The same for a key alone. */
  @Test
  void waiter_whoseKeyWasDeleted_entersAnew() throws Exception {
    LockHandle held = b.lock("n").acquire();
    CompletableFuture<LockHandle> waits = a.lock("n").acquireAsync();
    Await.until("the waiter", LONG, () -> keys("n").size() == 2);
    KeyValue own =
        keys("n").stream()
            .filter(kv -> EtcdKeys.text(kv.getValue()).equals("a"))
            .findFirst()
            .orElseThrow();
    operator.getKVClient().delete(own.getKey()).get(5, TimeUnit.SECONDS);
    Await.until("the waiter", Await.scaled(ONE_PERIOD), () -> keys("n").size() == 2);
    held.close();
    soon(waits).close();
  }

  /** R3: a closed client leaves neither keys nor leases, and a lent jetcd client stays open. */
  @Test
  void close_leavesNeitherKeyNorLease() throws Exception {
    List<Long> before = leases();
    LockHandle held = a.lock("n").acquire();
    CompletableFuture<LockHandle> waits = b.lock("n").acquireAsync();
    Await.until("the waiter", LONG, () -> keys("n").size() == 2);
    // Not a matter of how many: those of earlier tests may run out meanwhile.
    assertThat(leases()).anyMatch(lease -> !before.contains(lease));
    b.close();
    a.close();
    assertThat(waits).isDone();
    assertThat(held.isHeld()).isFalse();
    awaitNoKeys("n", LONG);
    Await.until("no lease more", LONG, () -> before.containsAll(leases()));
    assertThat(lent.getKVClient().get(EtcdKeys.bytes("x")).get(5, TimeUnit.SECONDS)).isNotNull();
  }

  private List<Long> leases() throws Exception {
    return EtcdCtl.leases(Servers.alone());
  }

  /** R3: whatever a client of our own has started ends with it, after an outage too. */
  @Test
  void close_endsTheThreadsOfItsJetcdClient() throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    LockClient own =
        LockClient.connect("etcd://127.0.0.1:" + FreePorts.next() + "/" + prefix, lockOptions("c"));
    assertThatThrownBy(() -> own.lock("n").acquire(Duration.ofSeconds(4)))
        .isInstanceOf(LockBackendException.class);
    own.close();
    Await.until(
        "the end of all threads",
        LONG,
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .noneMatch(thread -> thread.getName().matches("(jetcd|vert|holdfast).*")));
  }

  /** The empty prefix is one like any other. */
  @Test
  void emptyPrefix_putsTheNamesAtTheRoot() throws Exception {
    EtcdLockOptions none = EtcdLockOptions.builder().keyPrefix("").build();
    String uri = "etcd://127.0.0.1:" + Servers.alone().port();
    try (LockClient root = LockClient.over(EtcdLocks.at(uri, none), lockOptions("root"));
        LockClient below = LockClient.connect(uri + "/" + prefix, lockOptions("below"))) {
      LockHandle held = root.lock("n").acquire();
      assertThat(below.lock("n").tryAcquire(LONG)).isPresent();
      assertThat(EtcdCtl.run(Servers.alone(), "get", "--prefix", "n/")).contains("root");
      long since = System.nanoTime();
      Await.until("renewals", LONG, () -> System.nanoTime() - since > LEASE.toNanos());
      assertThat(held.isHeld()).isTrue();
      held.close();
    }
  }
}
