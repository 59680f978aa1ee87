package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.PostgresServer;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What went wrong elsewhere, on a real PostgreSQL. */
class PostgresHazardsTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  /** As frameworks bind a transaction to a thread. */
  private static final ThreadLocal<Connection> BOUND = new ThreadLocal<>();

  private final PostgresServer server = Servers.postgres();
  private Database database;

  @BeforeEach
  void open() {
    database = Database.at(Servers.url(server));
  }

  @AfterEach
  void close() {
    database.close();
  }

  private LockClient client(LockClientOptions.Builder options) {
    return LockClient.over(JdbcLocks.at(database.url(), database.options()), options.build());
  }

  // Clocks.

  /** Sessions in a zone whose clocks are put forward, or back, within the lease. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void summerTime_thatBeginsOrEndsUnderALease_changesNothing(boolean begins) {
    ZonedDateTime jump =
        ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(2).truncatedTo(ChronoUnit.SECONDS);
    String zone = zone(jump, begins);
    DirectDataSource there =
        new DirectDataSource(database.url()) {
          @Override
          public Connection getConnection() throws SQLException {
            Connection connection = super.getConnection();
            try (Statement statement = connection.createStatement()) {
              statement.execute("SET timezone = '" + zone + "'");
            }
            return connection;
          }
        };
    Duration lease = Duration.ofSeconds(6); // far beyond the jump, for what is asked after it
    try (Node a = new Node(JdbcLocks.over(there, database.options()));
        Node b = database.node()) {
      Claim claim = TestClaim.of("n", lease);
      Granted granted = a.grant(claim);
      long toJump = Duration.between(ZonedDateTime.now(ZoneOffset.UTC), jump).toNanos();
      long begun = System.nanoTime();
      Await.until("the jump", LONG, () -> System.nanoTime() - begun > toJump + 200_000_000L);
      for (Node node : List.of(a, b)) {
        ClaimOutcome outcome = node.claim(TestClaim.of("n"));
        assertThat(outcome).isInstanceOf(Waiting.class);
        assertThat(((Waiting) outcome).lookAgainIn()).isBetween(Duration.ofMillis(1), lease);
      }
      a.renew(claim);
      long renewed = a.context.renewed.get(claim).asOf();
      Granted taken = BackendTests.untilGranted(a, TestClaim.of("n"));
      assertThat(Duration.ofNanos(System.nanoTime() - renewed))
          .isBetween(lease, lease.plus(Await.scaled(Duration.ofSeconds(1))));
      assertThat(taken.fencingToken()).isGreaterThan(granted.fencingToken());
    }
  }

  /** A zone in POSIX's words, with a jump of an hour at that moment of this day. */
  private static String zone(ZonedDateTime jump, boolean begins) {
    String at =
        "%d/%d:%d:%d"
            .formatted(
                jump.getDayOfYear() - 1,
                // local time before the jump: an hour ahead where summer ends
                jump.getHour() + (begins ? 0 : 1),
                jump.getMinute(),
                jump.getSecond());
    String other = "%d/2".formatted((jump.getDayOfYear() + 100) % 365);
    return "AAA0BBB," + (begins ? at + "," + other : other + "," + at);
  }

  // The application's transactions.

  /** A data source that is bound to the caller's thread and its open transaction. */
  @Test
  void callersTransaction_isNeitherJoinedNorEnded() throws Exception {
    DirectDataSource lent =
        new DirectDataSource(database.url()) {
          @Override
          public Connection getConnection() throws SQLException {
            Connection mine = BOUND.get();
            return mine != null ? mine : super.getConnection();
          }
        };
    database.execute("CREATE TABLE work_of_caller (i int)");
    try (LockClient client =
            LockClient.over(
                JdbcLocks.over(lent, database.options()), LockClientOptions.defaults());
        Connection caller = database.connect()) {
      client.lock("warm").run(held -> {});
      caller.setAutoCommit(false);
      BOUND.set(caller);
      try (Statement work = caller.createStatement()) {
        work.execute("INSERT INTO work_of_caller VALUES (1)");
        LockHandle held = client.lock("n").acquire();
        assertThat(caller.getAutoCommit()).isFalse();
        assertThat(database.query("SELECT count(*) FROM work_of_caller")).containsExactly("0");
        caller.rollback();
        assertThat(database.query("SELECT name FROM TABLE_NAME WHERE claim_id IS NOT NULL"))
            .as("the lock outlives the rollback")
            .containsExactly("n");
        work.execute("INSERT INTO work_of_caller VALUES (2)");
        held.release();
        caller.commit();
      } finally {
        BOUND.remove();
      }
      assertThat(database.query("SELECT i FROM work_of_caller")).containsExactly("2");
    } finally {
      database.execute("DROP TABLE work_of_caller");
    }
  }

  // Rights.

  /** H-32: reads go on to work, writes do not: it is told before the next one can be granted. */
  @Test
  void rightToWrite_revokedUnderAHold_isALossToldInTime() throws Exception {
    try (LockClient other = client(LockClientOptions.builder())) {
      other.lock("makes the table").run(held -> {});
      database.execute("CREATE ROLE revoked_user LOGIN PASSWORD 'revoked'");
      database.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE_NAME TO revoked_user");
      String url =
          database
              .url()
              .replace("user=" + server.user(), "user=revoked_user")
              .replace(server.password(), "revoked");
      LockClientOptions sixSeconds =
          LockClientOptions.builder().lease(Duration.ofSeconds(6)).build();
      try (LockClient poor = LockClient.over(JdbcLocks.at(url, database.options()), sixSeconds)) {
        LockHandle held = poor.lock("n").acquire();
        AtomicLong lost = new AtomicLong();
        held.onLost(loss -> lost.set(System.nanoTime()));
        Future<Long> granted =
            other
                .lock("n")
                .acquireAsync()
                .thenApply(next -> System.nanoTime())
                .toCompletableFuture();
        database.execute("REVOKE UPDATE ON TABLE_NAME FROM revoked_user");
        long next = granted.get(20, TimeUnit.SECONDS);
        assertThat(lost).as("told").doesNotHaveValue(0);
        assertThat(next - lost.get()).isPositive();
        assertThat(held.isHeld()).isFalse();
      } finally {
        database.execute("REVOKE ALL ON TABLE_NAME FROM revoked_user");
        database.execute("DROP ROLE revoked_user");
      }
    }
  }

  // Row locks of others.

  /** H-21, S2: for longer than a lease, somebody keeps one row of 200 locked. */
  @Test
  void stuckRow_ofOneLock_costsThatLockAlone() throws Exception {
    Map<String, LossReason> lost = new ConcurrentHashMap<>();
    try (LockClient client = client(LockClientOptions.builder().lease(Duration.ofMillis(1_500)))) {
      List<LockHandle> held = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        LockHandle handle = client.lock("n" + i).acquire();
        handle.onLost(loss -> lost.put(loss.lockName(), loss.reason()));
        held.add(handle);
      }
      try (Connection foreign = database.lockRow("n7")) {
        long locked = System.nanoTime();
        Await.until("its loss", LONG, () -> !lost.isEmpty());
        Await.until("two leases", LONG, () -> System.nanoTime() - locked > 3_000_000_000L);
        foreign.rollback();
      }
      assertThat(lost).containsExactly(Map.entry("n7", LossReason.EXPIRED));
      held.remove(7);
      assertThat(held).allMatch(LockHandle::isHeld);
    }
  }

  /** H-64: cut off while its statement waits for a row: nothing of it stays. */
  @Test
  void clientCutOffMidStatement_leavesNoRowLocked() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (FaultProxy proxy = FaultProxy.to(server.address());
        Node a = new Node(JdbcLocks.at(Servers.url(server, proxy.address()), database.options()));
        Node b = database.node()) {
      Claim before = TestClaim.of("n");
      a.grant(before);
      a.release(before);
      Future<ClaimOutcome> cut;
      try (Connection foreign = database.lockRow("n")) {
        Claim claim = TestClaim.of("n").withPatience(Duration.ofSeconds(2));
        cut = executor.submit(() -> a.claim(claim));
        Await.until("its wait for the row", LONG, () -> waitingForLocks() == 1);
        proxy.blackHole();
        Await.until("the end of that wait", LONG, () -> waitingForLocks() == 0);
        foreign.rollback();
      }
      long begun = System.nanoTime();
      b.grant(TestClaim.of("n"));
      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .isLessThan(Await.scaled(Duration.ofSeconds(1)));
      assertThatThrownBy(
              () -> Node.get(java.util.concurrent.CompletableFuture.supplyAsync(() -> get(cut))))
          .isInstanceOf(BackendFailure.class);
      assertThat(
              database.query(
                  "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in trans%'"))
          .containsExactly("0");
    } finally {
      executor.shutdownNow();
    }
  }

  private static ClaimOutcome get(Future<ClaimOutcome> answer) {
    try {
      return answer.get();
    } catch (java.util.concurrent.ExecutionException e) {
      if (e.getCause() instanceof BackendFailure failure) {
        throw failure;
      }
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private int waitingForLocks() {
    return Integer.parseInt(
        database
            .query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            .get(0));
  }

  // Many at once.

  /** H-80, H-79: renewals every 5 ms beside 6,000 releases, listeners on half of the holds. */
  @Test
  void renewalsBesideReleases_neverCollide() throws Exception {
    LockClientOptions.Builder options =
        LockClientOptions.builder().lease(Duration.ofSeconds(5)).renewEvery(Duration.ofMillis(5));
    List<String> lost = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (LockClient client = client(options)) {
      List<Future<?>> loops = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        loops.add(threads.submit(() -> acquireAndRelease(client, lost)));
      }
      for (Future<?> loop : loops) {
        loop.get();
      }
      assertThat(lost).isEmpty();
    } finally {
      threads.shutdownNow();
    }
  }

  private static Object acquireAndRelease(LockClient client, List<String> lost) throws Exception {
    for (int i = 0; i < 750; i++) {
      String name = "n" + ThreadLocalRandom.current().nextInt(200);
      try (LockHandle held = client.lock(name).acquire(LONG)) {
        if (i % 2 == 0) {
          held.onLost(
              loss -> {
                synchronized (lost) {
                  lost.add(name);
                }
              });
        }
        held.ensureHeld();
      }
    }
    return "";
  }
}
