package dev.holdfast.lock.testkit.history;

import static dev.holdfast.lock.testkit.history.EventKind.KILLED;
import static dev.holdfast.lock.testkit.history.EventKind.PAUSED;
import static dev.holdfast.lock.testkit.history.EventKind.RESUMED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.history.Finding.Kind;
import java.time.Duration;
import java.util.Collections;
import org.junit.jupiter.api.Test;

class HistoryCheckerTest {

  @Test
  void goodHistory_releasesLossesKillsPauses_findsNothing() {
    Story story =
        new Story()
            .acquired(0, "p1", 1)
            .releasing(10, "p1", 1)
            .acquired(12, "p2", 2)
            .lost(30, "p2", 2)
            .acquired(35, "p1", 3)
            .process(40, KILLED, "p1")
            .acquired(60, "p2", 4)
            .process(61, PAUSED, "p2")
            .acquired(90, "p3", 5)
            .process(100, RESUMED, "p2")
            .lost(101, "p2", 4)
            .releasing(110, "p3", 5);
    HistoryReport report = story.check().assertGood();
    assertThat(report.holds()).isEqualTo(5);
    assertThat(report.losses()).isEqualTo(2);
    assertThat(report.minMargin()).contains(Duration.ofMillis(5));
    assertThat(report.margins()).as("none for the pause").hasSize(1);
  }

  @Test
  void order_ofTheEvents_doesNotMatter() {
    Story story = new Story().acquired(0, "p1", 1).releasing(10, "p1", 1).acquired(12, "p2", 2);
    Collections.reverse(story.events);
    assertThat(story.findings()).isEmpty();
  }

  @Test
  void clock_thatWraps_isNoRegression() {
    Story story = new Story();
    story.events.add(
        new HistoryEvent(Long.MAX_VALUE - 5, EventKind.ACQUIRED, "p1", "c", "job", 1, ""));
    story.events.add(
        new HistoryEvent(Long.MAX_VALUE, EventKind.RELEASING, "p1", "c", "job", 1, ""));
    story.events.add(
        new HistoryEvent(Long.MIN_VALUE + 5, EventKind.ACQUIRED, "p2", "c", "job", 2, ""));
    assertThat(story.findings()).isEmpty();
  }

  @Test
  void overlap_lossToldTooLate_isFoundWithItsStretch() {
    HistoryReport report =
        new Story()
            .acquired(0, "p1", 1)
            .acquired(20, "p2", 2)
            .lost(23, "p1", 1)
            .releasing(50, "p2", 2)
            .check();
    assertThat(report.findings()).hasSize(1);
    Finding finding = report.findings().get(0);
    assertThat(finding.kind()).isEqualTo(Kind.OVERLAP);
    assertThat(finding.lock()).isEqualTo("job");
    assertThat(finding.stretch()).hasSize(3);
    assertThat(finding.toString()).contains("p1/c", "p2/c", "3.000 ms before", "+20.000 ms");
    assertThat(report.minMargin()).contains(Duration.ofMillis(-3));
    assertThatThrownBy(report::assertGood)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("OVERLAP");
  }

  @Test
  void overlap_holdNeverEnded_isFoundAgainstEveryLaterGrant() {
    Story story =
        new Story()
            .acquired(0, "p1", 1)
            .acquired(20, "p2", 2)
            .releasing(30, "p2", 2)
            .acquired(40, "p3", 3);
    assertThat(story.findings()).containsExactly(Kind.OVERLAP, Kind.OVERLAP);
  }

  @Test
  void overlap_sameClientTwice_isFound() {
    Story story = new Story().acquired(0, "p1", 1).acquired(5, "p1", 2);
    assertThat(story.findings()).containsExactly(Kind.OVERLAP);
  }

  @Test
  void overlap_otherLock_isNone() {
    Story story = new Story().acquired(0, "p1", 1);
    story.events.add(new HistoryEvent(5_000_000, EventKind.ACQUIRED, "p2", "c", "other", 1, ""));
    assertThat(story.findings()).isEmpty();
  }

  @Test
  void killed_grantBeforeTheKill_isAnOverlap() {
    Story story = new Story().acquired(0, "p1", 1).acquired(20, "p2", 2).process(30, KILLED, "p1");
    assertThat(story.findings()).containsExactly(Kind.OVERLAP);
  }

  @Test
  void killed_whilePaused_endedAtThePause() {
    Story story =
        new Story()
            .acquired(0, "p1", 1)
            .process(5, PAUSED, "p1")
            .acquired(20, "p2", 2)
            .process(30, KILLED, "p1");
    assertThat(story.findings()).isEmpty();
  }

  @Test
  void paused_lossToldLongAfterResume_isAnOverlap() {
    Story story =
        new Story()
            .acquired(0, "p1", 1)
            .process(5, PAUSED, "p1")
            .acquired(2000, "p2", 2)
            .process(2500, RESUMED, "p1")
            .lost(600_000, "p1", 1);
    assertThat(story.findings()).containsExactly(Kind.OVERLAP);
  }

  @Test
  void paused_neverTold_isAnOverlap() {
    Story story =
        new Story()
            .acquired(0, "p1", 1)
            .process(5, PAUSED, "p1")
            .acquired(20, "p2", 2)
            .process(30, RESUMED, "p1");
    assertThat(story.findings()).containsExactly(Kind.OVERLAP);
  }

  @Test
  void paused_releaseBeganJustBeforeTheNotice_endedAtThePause() {
    Story story =
        new Story()
            .acquired(0, "p1", 1)
            .process(5, PAUSED, "p1")
            .acquired(20, "p2", 2)
            .process(30, RESUMED, "p1")
            .releasing(31, "p1", 1)
            .lost(32, "p1", 1);
    assertThat(story.findings()).isEmpty();
  }

  @Test
  void tokens_equalOrLower_areFound() {
    Story story =
        new Story()
            .acquired(0, "p1", 7)
            .releasing(1, "p1", 7)
            .acquired(2, "p2", 7)
            .releasing(3, "p2", 7)
            .acquired(4, "p1", 6);
    assertThat(story.findings()).containsExactly(Kind.TOKEN_ORDER, Kind.TOKEN_ORDER);
    assertThat(story.check().toString()).contains("with token 6 after token 7");
  }

  @Test
  void loss_toldTwice_isFound() {
    Story story = new Story().acquired(0, "p1", 1).lost(5, "p1", 1).lost(6, "p1", 1);
    assertThat(story.findings()).containsExactly(Kind.DOUBLE_LOSS);
    assertThat(story.check().losses()).isEqualTo(1);
  }

  @Test
  void loss_ofNoHold_isFound() {
    assertThat(new Story().lost(5, "p1", 1).findings()).containsExactly(Kind.UNMATCHED);
    assertThat(new Story().releasing(5, "p1", 1).findings()).containsExactly(Kind.UNMATCHED);
  }

  @Test
  void bigHistory_isCheckedQuickly() {
    Story story = new Story();
    for (int i = 1; i <= 100_000; i++) {
      story.acquired(i * 2L, "p" + i % 4, i).releasing(i * 2L + 1, "p" + i % 4, i);
    }
    long start = System.nanoTime();
    assertThat(story.check().isGood()).isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isLessThan(Await.scaled(Duration.ofSeconds(10)));
  }
}
