package dev.holdfast.lock.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The inequality, with a session of 24 s: T/4 is 6 s, 5/12 T is 10 s, 5/8 T is 15 s. */
class TrustTest {

  private static final long SECOND = 1_000_000_000L;
  private static final long T = 24 * SECOND;

  private long now;
  private final Trust trust = new Trust(() -> now);

  private void answer(double sent, double answered, boolean write) {
    now = (long) (answered * SECOND);
    trust.answered((long) (sent * SECOND), T, write);
  }

  private double until() {
    Trust.Lease lease = trust.lease();
    return (double) (lease.asOf() + lease.validFor().toNanos()) / SECOND;
  }

  @Test
  void nothing_isCertain_withoutAWrite() {
    answer(100, 100.1, false);
    assertThat(trust.lease().validFor()).isEqualTo(Duration.ZERO);
  }

  @Test
  void afterIdling_onlyThePingsCount() {
    answer(100, 100.1, true);
    assertThat(until()).isEqualTo(110);
  }

  @Test
  void withBeacons_anAnsweredOneBeforeTheLastPingCounts() {
    for (int i = 0; i < 10; i++) {
      answer(100 + 3 * i, 100.1 + 3 * i, true);
    }
    // the last was sent at 127; by 121 the one of 118 had been answered, for 121's answer was later
    assertThat(until()).isEqualTo(118 + 24);
  }

  @Test
  void neverMoreThanFiveEighths() {
    answer(100, 100.1, true);
    answer(106.1, 106.2, true);
    assertThat(until()).isEqualTo(106.1 + 15);
  }

  /** What was stalled on its way may have been heard just now only. */
  @Test
  void requestsThatWereSentInTime_butAnsweredLate_proveNothing() {
    answer(100, 100.1, true);
    answer(103, 112.0, true);
    answer(106, 112.0, true);
    answer(109, 112.0, true);
    answer(111.9, 112.1, true);
    // heard by 105.9 for certain: that of 100 only
    assertThat(until()).isLessThanOrEqualTo(100 + 24);
  }

  @Test
  void aReconnect_countsFromTheLastAnswerBeforeIt() {
    answer(100, 100.1, true);
    answer(103, 103.1, true);
    trust.disconnected();
    answer(113, 113.1, true);
    assertThat(until()).isEqualTo(103.1 + 24);
  }

  /** What the server before had heard it may never have told. */
  @Test
  void answersOfTheConnectionBefore_areNotThoseOfThisOne() {
    answer(80, 80.1, true);
    trust.disconnected();
    answer(100, 100.1, true);
    assertThat(until()).isEqualTo(110);
  }

  @Test
  void theRing_keepsTheYoungest() {
    for (int i = 0; i < 1000; i++) {
      answer(100 + 3 * i, 100.1 + 3 * i, true);
      if (i > 3) {
        assertThat(until()).isEqualTo(100 + 3 * i + 15);
      }
    }
  }

  /** Only pings between S − 14 s and S − 6 s count after idling: were answers slow then? */
  @Test
  void slowAnswers_takeThePingsTrust_whileThoseCount() {
    answer(90, 93, false);
    answer(95, 95.1, true); // the slow one was sent 5 s before: pings until 89 were not late
    assertThat(until()).isEqualTo(105);
    answer(96.5, 96.6, true); // one of 90 may have been late
    assertThat(until()).isEqualTo(105);
    trust.disconnected(); // or those answers would tell
    answer(106.9, 106.9, true); // 13.9 s after the slow answer
    assertThat(until()).isEqualTo(96.6 + 24);
    trust.disconnected();
    answer(120, 120.1, true);
    assertThat(until()).isEqualTo(106.9 + 24);
    answer(124, 124.1, true);
    assertThat(until()).isEqualTo(134);
  }

  /** A streak of slow answers began with the first of them. */
  @Test
  void slowAnswers_oneAfterAnother_areOneSlowTime() {
    answer(90, 98, false);
    answer(97, 99.9, false);
    answer(99, 100, true); // a ping before 93 may have been as late as that of 90
    assertThat(trust.lease().validFor()).isEqualTo(Duration.ZERO);
  }
}
