package dev.holdfast.lock.testkit.history;

import static dev.holdfast.lock.testkit.history.EventKind.KILLED;
import static dev.holdfast.lock.testkit.history.EventKind.NOTE;
import static dev.holdfast.lock.testkit.history.EventKind.PAUSED;
import static dev.holdfast.lock.testkit.history.EventKind.REJECTED;
import static dev.holdfast.lock.testkit.history.EventKind.RESUMED;
import static dev.holdfast.lock.testkit.history.EventKind.UNHELD;
import static dev.holdfast.lock.testkit.history.EventKind.WRITTEN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.testkit.history.Finding.Kind;
import org.junit.jupiter.api.Test;

/**
 * What each hold must keep by itself: a seeded wrong history per rule, and the right one beside it.
 */
class HoldRulesTest {

  private static final long LATER = 60_000;

  @Test
  void silentLoss_isFound_onceThereWasTimeForANotice() {
    Story story = new Story().acquired(0, "p1", 1).add(5, UNHELD, "p1", 1);
    assertThat(story.findings()).as("it may still come").isEmpty();
    story.process(LATER, NOTE, "soak");
    assertThat(story.findings()).containsExactly(Kind.MISSED_LOSS);
    story.lost(6, "p1", 1);
    assertThat(story.findings()).isEmpty();
  }

  @Test
  void silentLoss_ofAProcessThatWasKilledOrFrozenThen_isNone() {
    for (EventKind kind : new EventKind[] {KILLED, PAUSED}) {
      Story story =
          new Story()
              .acquired(0, "p1", 1)
              .add(5, UNHELD, "p1", 1)
              .process(6, kind, "p1")
              .process(LATER, NOTE, "soak");
      assertThat(story.findings()).as(kind.name()).isEmpty();
    }
  }

  @Test
  void loss_afterAReleaseThatWorked_isFound() {
    for (String outcome : new String[] {"RELEASED", "UNCONFIRMED"}) {
      Story story =
          new Story()
              .acquired(0, "p1", 1)
              .releasing(5, "p1", 1)
              .released(6, "p1", 1, outcome)
              .lost(9, "p1", 1);
      assertThat(story.findings()).as(outcome).containsExactly(Kind.LOSS_AFTER_RELEASE);
    }
    Story raced =
        new Story()
            .acquired(0, "p1", 1)
            .releasing(5, "p1", 1)
            .released(6, "p1", 1, "ALREADY_LOST")
            .lost(9, "p1", 1);
    assertThat(raced.findings()).isEmpty();
  }

  @Test
  void flagTrueInTheNotice_isFound() {
    Story story = new Story().acquired(0, "p1", 1).lost(5, "p1", 1, "EXPIRED held");
    assertThat(story.findings()).containsExactly(Kind.HELD_IN_NOTICE);
    assertThat(new Story().acquired(0, "p1", 1).lost(5, "p1", 1, "EXPIRED").findings()).isEmpty();
  }

  @Test
  void refusedWrite_ofAHolder_isFound_ofOthersIsNone() {
    Story story = new Story().acquired(0, "p1", 1).add(5, REJECTED, "p1", 1, History.HELD);
    assertThat(story.findings()).containsExactly(Kind.FENCED_WRITE);
    Story good =
        new Story()
            .acquired(0, "p1", 1)
            .add(1, WRITTEN, "p1", 1, History.HELD)
            .lost(5, "p1", 1)
            .add(6, REJECTED, "p1", 1);
    assertThat(good.findings()).isEmpty();
  }

  @Test
  void stalls_afterAFreeze_doNotHideIt() {
    Story story =
        new Story()
            .acquired(0, "p1", 1)
            .process(5, PAUSED, "p1")
            .acquired(2000, "p2", 2)
            .process(3000, RESUMED, "p1")
            .stalled(3050, 3200, "p1") // no processor yet
            .lost(3250, "p1", 1)
            .releasing(4000, "p2", 2);
    assertThat(story.findings()).isEmpty();
  }

  @Test
  void stall_excusesWhatIsToldRightAfterIt_andNothingLater() {
    assertThat(toldAfterStall(1300).findings()).isEmpty();
    assertThat(toldAfterStall(300_000).findings()).containsExactly(Kind.OVERLAP);
  }

  /** A stall from 1000 to 1250 ms, a grant to another at 1200. */
  private static Story toldAfterStall(long lost) {
    return new Story()
        .acquired(0, "p1", 1)
        .stalled(1000, 1250, "p1")
        .acquired(1200, "p2", 2)
        .lost(lost, "p1", 1);
  }

  @Test
  void stalls_oneAfterTheOther_excuseNothingFromBeforeTheLast() {
    Story story = new Story().acquired(0, "p1", 1);
    for (long ms = 100_000; ms < 2_000_000; ms += 100_000) {
      story.stalled(ms, ms + 60, "p1");
    }
    story.acquired(1_000_000, "p2", 2).lost(1_900_100, "p1", 1);
    assertThat(story.findings()).containsExactly(Kind.OVERLAP);
  }

  @Test
  void loss_toldBeforeTheResumeWasNoted_isThatOfThePause() {
    Story story =
        new Story()
            .acquired(0, "p1", 1)
            .process(5, PAUSED, "p1")
            .acquired(20, "p2", 2)
            .lost(29, "p1", 1)
            .process(30, RESUMED, "p1")
            .releasing(40, "p2", 2);
    assertThat(story.findings()).isEmpty();
  }
}
