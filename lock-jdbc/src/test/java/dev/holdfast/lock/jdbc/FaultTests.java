package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.BackendFailure.Kind;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.Direction;
import dev.holdfast.lock.testkit.net.FaultProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A network between the client and its database that does what networks do. */
abstract class FaultTests {

  static final Duration LONG = Duration.ofSeconds(20);

  FaultProxy proxy;
  Database direct;
  Database faulty;

  abstract FaultProxy proxy();

  abstract String url();

  abstract String url(FaultProxy through);

  @BeforeEach
  void open() {
    proxy = proxy();
    direct = Database.at(url());
    faulty = new Database(url(proxy), direct.table());
  }

  @AfterEach
  void close() {
    proxy.close();
    direct.close();
  }

  /** H-67, W2: on a connection that was in use before, with both kinds of pools. */
  @Test
  void claim_intoBlackHole_failsWithinItsPatience_andWorksAfterwards() {
    try (HikariDataSource pool = BadSetUpTest.pool(faulty.url(), 4);
        Node own = faulty.node();
        Node lent = new Node(JdbcLocks.over(pool, faulty.options()))) {
      for (Node node : List.of(own, lent)) {
        node.grant(TestClaim.of("before " + System.identityHashCode(node)));
        proxy.blackHole();
        long before = System.nanoTime();
        Claim claim =
            TestClaim.of("n " + System.identityHashCode(node)).withPatience(Duration.ofMillis(800));
        assertThatThrownBy(() -> node.claim(claim))
            .isInstanceOfSatisfying(
                BackendFailure.class,
                failure -> assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT));
        assertThat(Duration.ofNanos(System.nanoTime() - before))
            .isLessThan(Duration.ofMillis(1_300));
        proxy.heal();
        BackendTests.untilGranted(node, claim); // the application's pool has to find its way back
      }
    }
  }

  /** The database did it, and we did not hear of it. */
  @Test
  void claim_whoseAnswerIsLost_isFoundGrantedWhenAskedAgain() {
    try (Node node = faulty.node();
        Node other = direct.node()) {
      node.grant(TestClaim.of("warm"));
      Claim claim = TestClaim.of("n").withPatience(Duration.ofMillis(500));
      other.grant(claim);
      other.release(claim);
      proxy.blackHole(Direction.SERVER_TO_CLIENT);
      assertThatThrownBy(() -> node.claim(claim)).isInstanceOf(BackendFailure.class);
      proxy.heal();
      assertThat(node.claim(claim)).isInstanceOf(Granted.class);
      assertThat(node.release(claim)).isEqualTo(ReleaseOutcome.RELEASED);
    }
  }

  /** L3, H-01, H-02, H-16: resets and a short silence cost nothing. */
  @Test
  void hold_throughResetsAndSilence_isKept() throws Exception {
    LockClientOptions options = LockClientOptions.builder().lease(Duration.ofSeconds(4)).build();
    try (LockClient a = LockClient.over(JdbcLocks.at(faulty.url(), faulty.options()), options);
        LockClient b = LockClient.over(JdbcLocks.at(direct.url(), direct.options()), options)) {
      LockHandle held = a.lock("n").tryAcquire().orElseThrow();
      long begun = System.nanoTime();
      List<Long> lost = new ArrayList<>();
      held.onLost(loss -> lost.add(System.nanoTime()));
      for (int i = 1; i <= 15; i++) {
        proxy.reset();
        long next = begun + i * 300_000_000L;
        Await.until("the next reset", LONG, () -> System.nanoTime() - next > 0);
      }
      assertThat(lost).isEmpty();
      renewedAgain(held);
      proxy.blackHole();
      long silent = System.nanoTime();
      Await.until("a silence", LONG, () -> System.nanoTime() - silent > 1_200_000_000L);
      proxy.heal();
      renewedAgain(held);
      assertThat(lost).isEmpty();
      assertThat(b.lock("n").tryAcquire()).isEmpty();
      held.release();
    }
  }

  private static void renewedAgain(LockHandle held) {
    Await.until("a renewal", LONG, () -> held.remaining().compareTo(Duration.ofMillis(3_400)) > 0);
  }

  /** L1, H-17: twenty margins of one silence, over four clients with phases of their own. */
  @Test
  void silence_isNoticedBeforeAnotherClientIsGranted() throws Exception {
    int locks = 20;
    LockClientOptions options = LockClientOptions.builder().lease(Duration.ofSeconds(2)).build();
    JdbcLockOptions many = direct.options().change().poolSize(locks).build();
    ExecutorService threads = Executors.newCachedThreadPool();
    List<LockClient> holders = new ArrayList<>();
    try (LockClient b = LockClient.over(JdbcLocks.at(direct.url(), many), options)) {
      for (int i = 0; i < 4; i++) {
        holders.add(LockClient.over(JdbcLocks.at(faulty.url(), faulty.options()), options));
      }
      Map<Integer, Long> lost = new ConcurrentHashMap<>();
      List<Future<Long>> granted = new ArrayList<>();
      List<LockHandle> held = new ArrayList<>();
      for (int i = 0; i < locks; i++) {
        int number = i;
        LockHandle handle = holders.get(i % 4).lock("n" + i).tryAcquire().orElseThrow();
        held.add(handle);
        handle.onLost(loss -> lost.put(number, System.nanoTime()));
        granted.add(threads.submit(() -> grantedAt(b, handle, "n" + number)));
      }
      proxy.blackHole();
      long smallest = Long.MAX_VALUE;
      for (int i = 0; i < locks; i++) {
        long margin = granted.get(i).get(30, TimeUnit.SECONDS) - lost.get(i);
        smallest = Math.min(smallest, margin);
        assertThat(margin).as("margin of n%d", i).isPositive();
      }
      System.out.printf(
          "%s: smallest margin of %d: %d ms%n",
          getClass().getSimpleName(), locks, smallest / 1_000_000);
      proxy.heal();
      assertThat(held).noneMatch(LockHandle::isHeld);
    } finally {
      threads.shutdownNow();
      holders.forEach(LockClient::close);
    }
  }

  private static long grantedAt(LockClient client, LockHandle former, String name)
      throws InterruptedException {
    try (LockHandle next = client.lock(name).acquire(Duration.ofSeconds(30))) {
      long now = System.nanoTime();
      assertThat(former.isHeld()).isFalse();
      assertThat(next.fencingToken()).isGreaterThan(former.fencingToken());
      return now;
    }
  }

  /** R3, H-78: with the network gone. */
  @Test
  void close_intoBlackHole_endsInTime() {
    Node node = faulty.node();
    node.grant(TestClaim.of("n"));
    proxy.blackHole();
    long before = System.nanoTime();
    Node.get(node.backend.close(Duration.ofSeconds(2)));
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofMillis(2_500));
    proxy.heal();
    node.context.close();
    Await.until("no connection left", LONG, () -> proxy.openConnections() == 0);
  }
}
