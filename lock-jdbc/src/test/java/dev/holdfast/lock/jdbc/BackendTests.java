package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Refused;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend.HandOver;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.Await;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What holds on every database, asked as an engine asks. */
abstract class BackendTests {

  static final Duration LONG = Duration.ofSeconds(20);
  static final Duration SHORT_LEASE = Duration.ofMillis(600);

  Database database;
  Node a;
  Node b;

  /** Where the database is, with user and password. */
  abstract String url();

  @BeforeEach
  void open() {
    database = Database.at(url());
    a = database.node();
    b = database.lent();
  }

  @AfterEach
  void close() {
    a.close();
    b.close();
    database.close();
  }

  // Claims.

  /** X1. */
  @Test
  void claim_ofHeldName_waitsAndTellsTheHolder() {
    Claim first = TestClaim.of("n");
    Granted granted = a.grant(first);
    ClaimOutcome second = b.claim(TestClaim.of("n"));
    assertThat(second).isInstanceOf(Waiting.class);
    Waiting waiting = (Waiting) second;
    assertThat(waiting.wakes()).isFalse();
    assertThat(waiting.lookAgainIn()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(15));
    assertThat(waiting.holder())
        .get()
        .satisfies(
            holder -> {
              assertThat(holder.description()).isEqualTo("host/1");
              assertThat(holder.fencingToken()).hasValue(granted.fencingToken());
              assertThat(holder.heldFor().orElseThrow()).isLessThan(Duration.ofSeconds(5));
            });
  }

  /** A4: a lost answer is recovered by asking again. */
  @Test
  void claim_ofItsOwnRow_isGrantedAgainWithTheSameToken() {
    Claim claim = TestClaim.of("n");
    Granted first = a.grant(claim);
    Granted again = b.grant(claim);
    assertThat(again.fencingToken()).isEqualTo(first.fencingToken());
    assertThat(again.asOf()).isGreaterThan(first.asOf());
  }

  /** X3 and A1: the lease counts from before the request. */
  @Test
  void claim_granted_isValidFromBeforeTheCall() {
    long before = System.nanoTime();
    Granted granted = a.grant(TestClaim.of("n"));
    assertThat(granted.asOf() - before).isNotNegative();
    assertThat(granted.validFor()).isEqualTo(Duration.ofSeconds(15));
  }

  /** H-87: not before the lease has run out, and soon after. */
  @Test
  void claim_ofStaleRow_takesItOverAfterTheLeaseAndNotBefore() {
    Claim old = TestClaim.of("n", Duration.ofMillis(1_500));
    Granted granted = a.grant(old);
    Claim next = TestClaim.of("n");
    Granted taken = untilGranted(b, next);
    long after = System.nanoTime() - granted.asOf();
    assertThat(Duration.ofNanos(after))
        .isBetween(Duration.ofMillis(1_500), Duration.ofMillis(2_500));
    assertThat(taken.fencingToken()).isGreaterThan(granted.fencingToken());

    a.renew(old);
    assertThat(a.context.gone).containsEntry(old, LossReason.REVOKED);
    assertThat(a.context.renewed).isEmpty();
    assertThat(a.release(old)).isEqualTo(ReleaseOutcome.NOT_HELD);
    assertThat(b.grant(next).fencingToken()).isEqualTo(taken.fencingToken());
  }

  /** X2: by bytes. */
  @Test
  void names_thatDifferInCaseSpaceOrAccent_areDistinct() {
    List<String> names =
        List.of(
            "a",
            "A",
            "a ",
            " a",
            "ä",
            "a\u0308",
            "😀",
            "a/b",
            "a'b",
            "a%",
            "a_",
            "..",
            "é",
            "É",
            "x".repeat(255),
            "😀".repeat(255),
            "x".repeat(511) + "1",
            "x".repeat(511) + "2");
    for (String name : names) {
      a.backend.checkName(name);
      assertThat(a.claim(TestClaim.of(name))).as(name).isInstanceOf(Granted.class);
    }
    for (String name : names) {
      assertThat(b.claim(TestClaim.of(name))).as(name).isInstanceOf(Waiting.class);
    }
  }

  @Test
  void names_thatNoColumnHolds_areRefusedBeforeAnyIo() {
    for (String name : List.of("a\0b", "x".repeat(513), "\ud800")) {
      assertThatThrownBy(() -> a.backend.checkName(name))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** H-83, first half: one name, nobody there yet. */
  @Test
  void firstRow_of32Clients_hasOneWinner() throws Exception {
    try (Database fresh = Database.at(url());
        Crowd crowd = new Crowd(fresh, 32)) {
      for (int round = 0; round < rounds(); round++) {
        String name = "first" + round;
        List<ClaimOutcome> outcomes = crowd.all(node -> node.claim(TestClaim.of(name)));
        assertThat(outcomes).filteredOn(Granted.class::isInstance).as("round %d", round).hasSize(1);
        assertThat(outcomes).filteredOn(Waiting.class::isInstance).hasSize(31);
      }
    }
  }

  /** H-83, second half: 32 names. */
  @Test
  void firstRows_of32Clients_areAllGranted() throws Exception {
    try (Crowd crowd = new Crowd(database, 32)) {
      for (int round = 0; round < rounds() / 5; round++) {
        String prefix = "r" + round + "-";
        List<ClaimOutcome> outcomes =
            crowd.all(node -> node.claim(TestClaim.of(prefix + Thread.currentThread().getId())));
        assertThat(outcomes).allMatch(Granted.class::isInstance);
      }
    }
  }

  int rounds() {
    return 100;
  }

  /** H-91. */
  @Test
  void staleRow_of50Clients_isTakenByOne() throws Exception {
    try (Crowd crowd = new Crowd(database, 50)) {
      for (int round = 0; round < 10; round++) {
        String name = "stale" + round;
        Claim old = TestClaim.of(name);
        Granted granted = a.grant(old);
        database.execute(
            "UPDATE TABLE_NAME SET start_time = start_time - INTERVAL '20' SECOND WHERE name = '"
                + name
                + "'");
        List<ClaimOutcome> outcomes = crowd.all(node -> node.claim(TestClaim.of(name)));
        assertThat(outcomes)
            .filteredOn(Granted.class::isInstance)
            .hasSize(1)
            .allMatch(won -> ((Granted) won).fencingToken() > granted.fencingToken());
        a.renew(old);
        assertThat(a.context.gone).containsKey(old);
      }
    }
  }

  /** F1. */
  @Test
  void tokens_overReleasesTakeoversAndDeletedRows_increase() {
    long last = 0;
    for (int i = 0; i < 30; i++) {
      Claim claim = TestClaim.of("n");
      long token = (i % 2 == 0 ? a : b).grant(claim).fencingToken();
      assertThat(token).isGreaterThan(last);
      last = token;
      if (i % 3 == 0) {
        database.execute("DELETE FROM TABLE_NAME");
      } else {
        assertThat(a.release(claim)).isEqualTo(ReleaseOutcome.RELEASED);
      }
    }
  }

  /** F1: a clock that was set back does not make tokens go back. */
  @Test
  void token_aheadOfTheClock_goesOnFromThere() {
    Claim claim = TestClaim.of("n");
    a.grant(claim);
    a.release(claim);
    database.execute("UPDATE TABLE_NAME SET token = 9000000000000000");
    assertThat(a.grant(TestClaim.of("n")).fencingToken()).isEqualTo(9_000_000_000_000_001L);
  }

  // Release and hand-over.

  /** R1. */
  @Test
  void release_twice_touchesNoSuccessor() {
    Claim first = TestClaim.of("n");
    a.grant(first);
    assertThat(a.release(first)).isEqualTo(ReleaseOutcome.RELEASED);
    Claim second = TestClaim.of("n");
    Granted granted = b.grant(second);
    assertThat(a.release(first)).isEqualTo(ReleaseOutcome.NOT_HELD);
    assertThat(b.grant(second).fencingToken()).isEqualTo(granted.fencingToken());
  }

  @Test
  void handOver_ofHeldName_passesItOnWithANewToken() {
    Claim from = TestClaim.of("n");
    Claim to = TestClaim.of("n");
    Granted first = a.grant(from);
    HandOver handOver = a.backend.handOver(from, to);
    assertThat(Node.get(handOver.released())).isEqualTo(ReleaseOutcome.RELEASED);
    Granted second = (Granted) Node.get(handOver.claimed());
    assertThat(second.fencingToken()).isGreaterThan(first.fencingToken());
    assertThat(b.claim(TestClaim.of("n"))).isInstanceOf(Waiting.class);
    assertThat(a.release(from)).isEqualTo(ReleaseOutcome.NOT_HELD);
    assertThat(a.release(to)).isEqualTo(ReleaseOutcome.RELEASED);
  }

  @Test
  void handOver_ofLostName_answersForBoth() {
    Claim from = TestClaim.of("n");
    a.grant(from);
    database.execute("UPDATE TABLE_NAME SET claim_id = 'foreign'");
    HandOver handOver = a.backend.handOver(from, TestClaim.of("n"));
    assertThat(Node.get(handOver.released())).isEqualTo(ReleaseOutcome.NOT_HELD);
    assertThat(Node.get(handOver.claimed())).isInstanceOf(Waiting.class);
  }

  @Test
  void handOver_ofNameSwitchedOff_releasesAndRefuses() {
    Claim from = TestClaim.of("n");
    a.grant(from);
    Node.get(b.records().setEnabled("n", false));
    HandOver handOver = a.backend.handOver(from, TestClaim.of("n"));
    assertThat(Node.get(handOver.released())).isEqualTo(ReleaseOutcome.RELEASED);
    assertThat(Node.get(handOver.claimed())).isInstanceOf(Refused.class);
  }

  // Renewal.

  /** S2. */
  @Test
  void renew_ofManyClaims_answersEachAndExtendsIt() {
    List<TestClaim> claims =
        IntStream.range(0, 300).mapToObj(i -> TestClaim.of("n" + i, SHORT_LEASE)).toList();
    claims.forEach(a::grant);
    long before = System.nanoTime();
    a.backend.renew(claims);
    assertThat(a.context.renewed).hasSize(300);
    assertThat(a.context.renewed.values())
        .allMatch(told -> told.validFor().equals(SHORT_LEASE) && told.asOf() - before >= 0);
    assertThat(a.context.gone).isEmpty();
  }

  /** S2: in no more than a moment, whatever the database makes of ten thousand names. */
  @Test
  void renew_of10000Claims_isQuick() throws SQLException {
    a.inspect("makes the table");
    b.release(TestClaim.of("makes the table"));
    List<TestClaim> claims =
        IntStream.range(0, 10_000).mapToObj(i -> TestClaim.of("name " + i)).toList();
    try (Connection connection = database.connect();
        var insert =
            connection.prepareStatement(
                "INSERT INTO "
                    + database.table()
                    + " (name, claim_id, lease_ms) VALUES (?, ?, 15000)")) {
      connection.setAutoCommit(false);
      for (TestClaim claim : claims) {
        insert.setString(1, claim.name());
        insert.setString(2, claim.id());
        insert.addBatch();
      }
      insert.executeBatch();
      connection.commit();
    }
    database.execute("UPDATE TABLE_NAME SET claim_id = 'foreign' WHERE name = 'name 17'");
    long before = System.nanoTime();
    a.backend.renew(claims);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(3));
    assertThat(a.context.renewed).hasSize(9_999);
    assertThat(a.context.gone).containsOnlyKeys(claims.get(17));
  }

  /** L3: what nobody has taken is still ours. */
  @Test
  void renew_ofExpiredRowThatNobodyTook_extendsIt() {
    Claim claim = TestClaim.of("n", SHORT_LEASE);
    a.grant(claim);
    database.execute("UPDATE TABLE_NAME SET start_time = start_time - INTERVAL '1' SECOND");
    assertThat(a.inspect("n").holder()).isEmpty();
    a.renew(claim);
    assertThat(a.context.renewed).containsKey(claim);
    assertThat(a.inspect("n").holder()).isPresent();
  }

  /** H-08, L4: the deleted ones and no others. */
  @Test
  void renew_withRowsDeletedAndTaken_tellsThoseAndMakesNone() {
    List<TestClaim> claims = IntStream.range(0, 20).mapToObj(i -> TestClaim.of("n" + i)).toList();
    claims.forEach(a::grant);
    database.execute("DELETE FROM TABLE_NAME WHERE name IN ('n3', 'n4')");
    database.execute("UPDATE TABLE_NAME SET claim_id = 'foreign' WHERE name = 'n5'");
    database.execute("UPDATE TABLE_NAME SET claim_id = NULL WHERE name = 'n6'");
    a.backend.renew(claims);
    assertThat(a.context.gone)
        .containsOnlyKeys(claims.get(3), claims.get(4), claims.get(5), claims.get(6));
    assertThat(a.context.gone.values()).containsOnly(LossReason.REVOKED);
    assertThat(a.context.renewed).hasSize(16);
    assertThat(database.query("SELECT count(*) FROM TABLE_NAME")).containsExactly("18");
  }

  /** H-21: one row of 200 is kept locked by somebody else. */
  @Test
  void renew_withOneRowLocked_answersTheOthersAtOnce() throws Exception {
    List<TestClaim> claims =
        IntStream.range(0, 200)
            .mapToObj(i -> TestClaim.of("n" + i, Duration.ofSeconds(4)))
            .toList();
    claims.forEach(a::grant);
    Callable<Object> renewal =
        () -> {
          a.backend.renew(claims);
          return "";
        };
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (Connection foreign = database.lockRow("n7")) {
      Future<?> round = executor.submit(renewal);
      Await.until("the others", Duration.ofSeconds(1), () -> a.context.renewed.size() == 199);
      round.get();
      assertThat(a.context.renewed).doesNotContainKey(claims.get(7));
      assertThat(a.context.gone).isEmpty();
      foreign.rollback();
    } finally {
      executor.shutdownNow();
    }
    renewal.call();
    assertThat(a.context.renewed).hasSize(200);
  }

  /** The single try waits for the row. */
  @Test
  void renew_ofRowThatIsUnlockedInTime_extendsIt() throws Exception {
    Claim claim = TestClaim.of("n");
    a.grant(claim);
    try (Connection foreign = database.lockRow("n")) {
      ExecutorService executor = Executors.newSingleThreadExecutor();
      Future<?> round = executor.submit(() -> a.renew(claim));
      awaitRowWaiter();
      foreign.rollback();
      round.get();
      executor.shutdown();
    }
    assertThat(a.context.renewed).containsKey(claim);
  }

  // Rows that others keep locked.

  /** A foreign transaction must not hang a claim, nor a release. */
  @Test
  void claim_ofFreeRowLockedByAnother_waitsBoundedAndThenGetsIt() throws Exception {
    Claim first = TestClaim.of("n");
    a.grant(first);
    a.release(first);
    Claim claim = TestClaim.of("n", Duration.ofSeconds(15)).withPatience(Duration.ofMillis(900));
    try (Connection foreign = database.lockRow("n")) {
      long before = System.nanoTime();
      ClaimOutcome outcome = b.claim(claim);
      assertThat(outcome).isInstanceOf(Waiting.class);
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofMillis(1_400));
      foreign.rollback();
    }
    assertThat(b.claim(claim)).isInstanceOf(Granted.class);
  }

  /** The clock behind a blocker: the grant that follows has nearly its whole lease. */
  @Test
  void claim_thatWaitedForTheRow_startsItsLeaseLate() throws Exception {
    Claim first = TestClaim.of("n");
    a.grant(first);
    a.release(first);
    Claim claim = TestClaim.of("n", Duration.ofSeconds(15));
    Granted granted;
    try (Connection foreign = database.lockRow("n")) {
      ExecutorService executor = Executors.newSingleThreadExecutor();
      long locked = System.nanoTime();
      Future<Granted> answer = executor.submit(() -> untilGranted(b, claim));
      Await.until(
          "1.5 s behind the blocker", LONG, () -> System.nanoTime() - locked > 1_500_000_000L);
      foreign.rollback();
      granted = answer.get();
      executor.shutdown();
    }
    Duration remaining = b.inspect("n").holder().orElseThrow().expiresIn().orElseThrow();
    Duration age = Duration.ofNanos(System.nanoTime() - granted.asOf());
    // never less than we believe, and not stale by the whole wait
    assertThat(remaining.plus(age)).isGreaterThanOrEqualTo(Duration.ofSeconds(15));
    assertThat(remaining).isGreaterThan(Duration.ofMillis(13_700));
  }

  // Rows that operators touch.

  /** H-88. */
  @Test
  void row_deletedWhileFreeAndWhileHeld_isMadeAnew() {
    Claim first = TestClaim.of("n");
    a.grant(first);
    database.execute("DELETE FROM TABLE_NAME");
    Claim second = TestClaim.of("n");
    b.grant(second);
    assertThat(a.release(first)).isEqualTo(ReleaseOutcome.NOT_HELD);
    assertThat(b.release(second)).isEqualTo(ReleaseOutcome.RELEASED);
    database.execute("DELETE FROM TABLE_NAME");
    a.grant(TestClaim.of("n"));
  }

  @Test
  void nameSwitchedOff_refusesNewClaimsWithTheStatementThatSwitchesItOn() {
    Claim holder = TestClaim.of("it's");
    a.grant(holder);
    Node.get(b.records().setEnabled("it's", false));
    Node.get(b.records().setEnabled("never used", false));
    assertThat(a.inspect("it's").enabled()).isFalse();
    a.renew(holder);
    assertThat(a.context.renewed).containsKey(holder);
    a.grant(holder);
    ClaimOutcome refused = b.claim(TestClaim.of("it's"));
    assertThat(refused).isInstanceOf(Refused.class);
    assertThat(b.claim(TestClaim.of("never used"))).isInstanceOf(Refused.class);
    assertThat(a.release(holder)).isEqualTo(ReleaseOutcome.RELEASED);
    assertThat(b.claim(TestClaim.of("it's"))).isInstanceOf(Refused.class);

    String message = ((Refused) refused).message();
    database.execute(message.substring(message.indexOf("UPDATE")));
    b.grant(TestClaim.of("it's"));
  }

  // Records.

  @Test
  void records_areWrittenByTheHolderAlone() {
    Claim holder = TestClaim.of("n");
    assertThat(Node.get(a.records().read("n"))).isEmpty();
    a.grant(holder);
    assertThat(Node.get(a.records().write(holder, "ran at 12, 'fine' 😀"))).isTrue();
    assertThat(Node.get(b.records().read("n"))).contains("ran at 12, 'fine' 😀");
    assertThat(Node.get(b.records().write(TestClaim.of("n"), "no"))).isFalse();
    a.release(holder);
    assertThat(Node.get(a.records().write(holder, "no"))).isFalse();
    assertThat(Node.get(b.records().read("n"))).contains("ran at 12, 'fine' 😀");
    assertThat(Node.get(a.records().write(TestClaim.of("m"), "x"))).isFalse();
  }

  @Test
  void records_ofExpiredHold_areNotWritten() {
    Claim holder = TestClaim.of("n");
    a.grant(holder);
    database.execute("UPDATE TABLE_NAME SET start_time = start_time - INTERVAL '20' SECOND");
    assertThat(Node.get(a.records().write(holder, "late"))).isFalse();
  }

  @Test
  void records_thatDoNotFit_areRefused() {
    Claim holder = TestClaim.of("n");
    a.grant(holder);
    assertThat(Node.get(a.records().write(holder, "é".repeat(2_000)))).isTrue();
    for (String record : List.of("x".repeat(2_001), "a\0b", "\udc00")) {
      assertThatThrownBy(() -> a.records().write(holder, record))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void inspect_ofNameNeverUsed_isFree() {
    assertThat(a.inspect("nobody")).isEqualTo(LockView.FREE);
  }

  /** S1. */
  @Test
  void idleRows_arePurged_saveThoseThatSaySomething() {
    JdbcLockOptions options =
        database.options().change().purgeIdleAfter(Duration.ofMillis(400)).build();
    try (Node purging = new Node(JdbcLocks.at(database.url(), options))) {
      Claim recorded = TestClaim.of("recorded", SHORT_LEASE);
      a.grant(recorded);
      Node.get(a.records().write(recorded, "x"));
      a.release(recorded);
      Node.get(a.records().setEnabled("off", false));
      a.grant(TestClaim.of("held"));
      IntStream.range(0, 50)
          .mapToObj(i -> TestClaim.of("once" + i, SHORT_LEASE))
          .forEach(
              claim -> {
                purging.grant(claim);
                purging.release(claim);
              });
      Await.until(
          "the purge",
          LONG,
          () -> {
            purging.release(TestClaim.of("nothing"));
            return Set.copyOf(database.query("SELECT name FROM TABLE_NAME"))
                .equals(Set.of("recorded", "off", "held"));
          });
    }
  }

  // Clocks and zones.

  /** No zone, and no summer time that begins in between, has a part in any decision. */
  @Test
  void timeZones_ofJvmAndSessions_changeNothing() {
    Claim held = TestClaim.of("n");
    a.grant(held);
    TimeZone before = TimeZone.getDefault();
    try {
      for (String zone : List.of("America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Kiritimati")) {
        TimeZone.setDefault(TimeZone.getTimeZone(zone));
        try (Node elsewhere = database.node()) {
          ClaimOutcome outcome = elsewhere.claim(TestClaim.of("n"));
          assertThat(outcome).as(zone).isInstanceOf(Waiting.class);
          assertThat(((Waiting) outcome).lookAgainIn())
              .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(15));
          elsewhere.grant(held);
          Claim own = TestClaim.of(zone);
          elsewhere.grant(own);
          elsewhere.renew(own);
          assertThat(elsewhere.context.renewed).containsKey(own);
        }
        assertThat(a.claim(TestClaim.of(zone))).isInstanceOf(Waiting.class);
      }
    } finally {
      TimeZone.setDefault(before);
    }
  }

  // The application's connections.

  /** Never joins, and leaves everything as found. */
  @Test
  void lentConnection_goesBackAsItCame() throws Exception {
    a.grant(TestClaim.of("makes the table"));
    try (Connection one = database.connect()) {
      one.setAutoCommit(false);
      one.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      OneConnection lent = new OneConnection(one);
      try (Node node = new Node(JdbcLocks.over(lent, database.options()))) {
        Claim claim = TestClaim.of("n");
        node.grant(claim);
        assertThat(b.claim(TestClaim.of("n"))).isInstanceOf(Waiting.class);
        node.renew(claim);
        node.release(claim);
        assertThat(one.getAutoCommit()).isFalse();
        assertThat(one.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
        assertThat(one.getNetworkTimeout()).isZero();
        assertThat(lent.open).as("connections not given back").hasValue(0);
      }
      assertThat(one.isClosed()).isFalse();
    }
  }

  /** H-66: the work under the lock borrows from the same pool of one. */
  @Test
  void poolOfOne_isLeftToTheWork() throws Exception {
    a.grant(TestClaim.of("makes the table"));
    try (Connection one = database.connect()) {
      OneConnection lent = new OneConnection(one);
      try (Node node = new Node(JdbcLocks.over(lent, database.options()))) {
        Claim claim = TestClaim.of("n", Duration.ofSeconds(4));
        node.grant(claim);
        for (int i = 0; i < 3; i++) {
          node.renew(claim);
          assertThat(node.context.renewed.remove(claim)).isNotNull();
          try (Connection work = lent.getConnection()) {
            assertThat(work.isValid(1)).isTrue();
          }
        }
      }
      Await.until("all given back", LONG, () -> lent.open.get() == 0);
    }
  }

  // Helpers.

  static Granted untilGranted(Node node, Claim claim) {
    return Await.value(
        "a grant",
        LONG,
        () ->
            node.claim(claim) instanceof Granted granted
                ? java.util.Optional.of(granted)
                : java.util.Optional.empty());
  }

  /** Until somebody is likely to wait for a row lock; databases that can tell override it. */
  void awaitRowWaiter() throws SQLException {
    long start = System.nanoTime();
    Await.until("a waiter", LONG, () -> System.nanoTime() - start > 200_000_000L);
  }

  /** Many clients that do the same at the same moment. */
  static final class Crowd implements AutoCloseable {

    private final List<Node> nodes = new ArrayList<>();
    private final CyclicBarrier barrier;
    private final ExecutorService threads;

    Crowd(Database database, int size) {
      JdbcLockOptions options = database.options().change().poolSize(1).build();
      for (int i = 0; i < size; i++) {
        nodes.add(new Node(JdbcLocks.at(database.url(), options), LONG));
      }
      barrier = new CyclicBarrier(size);
      threads = Executors.newFixedThreadPool(size);
    }

    interface Step {
      ClaimOutcome of(Node node) throws Exception;
    }

    List<ClaimOutcome> all(Step step) throws Exception {
      List<Callable<ClaimOutcome>> tasks = new ArrayList<>();
      for (Node node : nodes) {
        tasks.add(
            () -> {
              barrier.await();
              return step.of(node);
            });
      }
      List<ClaimOutcome> outcomes = new ArrayList<>();
      for (Future<ClaimOutcome> future : threads.invokeAll(tasks)) {
        outcomes.add(future.get());
      }
      return outcomes;
    }

    @Override
    public void close() {
      threads.shutdownNow();
      nodes.forEach(Node::close);
    }
  }
}
