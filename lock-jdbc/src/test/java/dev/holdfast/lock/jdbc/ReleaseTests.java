package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Refused;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend.HandOver;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Giving back, handing over, and the records that a holder writes. */
abstract class ReleaseTests extends DatabaseTests {

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
}
