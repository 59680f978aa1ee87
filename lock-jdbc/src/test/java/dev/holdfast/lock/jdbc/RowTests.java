package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Refused;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.TimeZone;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Rows that others keep locked, that operators touch, and what clocks make of them. */
abstract class RowTests extends DatabaseTests {

  /** A foreign transaction must not hang a claim, nor a release. */
  @Test
  void claim_ofFreeRowLockedByAnother_waitsBoundedAndThenGetsIt() throws Exception {
    Claim first = TestClaim.of("n");
    a.grant(first);
    a.release(first);
    b.inspect("n");
    Duration patience = Duration.ofSeconds(2); // a login, and the longest wait for a row
    TestClaim claim = TestClaim.of("n", Duration.ofSeconds(15)).withPatience(patience);
    try (Connection foreign = database.lockRow("n")) {
      long before = System.nanoTime();
      ClaimOutcome outcome = b.claim(claim);
      assertThat(outcome).isInstanceOf(Waiting.class);
      assertThat(Duration.ofNanos(System.nanoTime() - before))
          .isLessThan(patience.plus(Await.scaled(Duration.ofMillis(500))));
      foreign.rollback();
    }
    assertThat(b.claim(claim.withPatience(LONG))).isInstanceOf(Granted.class);
  }

  /** The clock behind a blocker: the grant that follows has nearly its whole lease. */
  @Test
  void claim_thatWaitedForTheRow_startsItsLeaseLate() throws Exception {
    Claim first = TestClaim.of("n");
    a.grant(first);
    a.release(first);
    Claim claim = TestClaim.of("n", Duration.ofSeconds(15));
    Granted granted;
    long locked;
    try (Connection foreign = database.lockRow("n")) {
      ExecutorService executor = Executors.newSingleThreadExecutor();
      locked = System.nanoTime();
      Future<Granted> answer = executor.submit(() -> untilGranted(b, claim));
      Await.until(
          "1.5 s behind the blocker", LONG, () -> System.nanoTime() - locked > 1_500_000_000L);
      foreign.rollback();
      granted = answer.get();
      executor.shutdown();
    }
    Duration remaining = b.inspect("n").holder().orElseThrow().expiresIn().orElseThrow();
    Duration age = Duration.ofNanos(System.nanoTime() - granted.asOf());
    Duration sinceLocked = Duration.ofNanos(System.nanoTime() - locked);
    // never less than we believe, and not stale by the whole wait
    assertThat(remaining.plus(age)).isGreaterThanOrEqualTo(Duration.ofSeconds(15));
    assertThat(remaining.plus(sinceLocked)).isGreaterThan(Duration.ofMillis(15_200));
  }

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
}
