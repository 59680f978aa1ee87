package dev.holdfast.lock.testkit.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.testkit.history.Recovery.Calm;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecoveryTest {

  private static final Calm CALM = new Calm(1_000_000_000, 10_000_000_000L);

  private static List<Long> millis(Story story) {
    return Recovery.find(story.events, List.of(CALM)).stream()
        .map(recovery -> recovery.length().toMillis())
        .toList();
  }

  @Test
  void lockThatIsFree_untilTheNextGrant() {
    Story story = new Story().acquired(0, "p1", 1).lost(500, "p1", 1).acquired(3_000, "p2", 2);
    assertThat(millis(story)).containsExactly(2_000L);
  }

  @Test
  void lockThatIsHeldThroughout_hasRecovered() {
    assertThat(millis(new Story().acquired(0, "p1", 1))).isEmpty();
  }

  @Test
  void longestGap_counts_alsoInTheMiddleAndAtTheEnd() {
    Story middle =
        new Story()
            .acquired(0, "p1", 1)
            .releasing(2_000, "p1", 1)
            .acquired(2_500, "p2", 2)
            .releasing(3_000, "p2", 2)
            .acquired(7_000, "p1", 3);
    assertThat(millis(middle)).containsExactly(4_000L);
    Story end = new Story().acquired(0, "p1", 1).releasing(2_000, "p1", 1);
    assertThat(millis(end)).containsExactly(8_000L);
  }

  @Test
  void recovery_thatTakesTooLong_isFoundWithItsStretch() {
    Story story =
        new Story()
            .acquired(0, "p1", 1)
            .process(900, EventKind.KILLED, "p1")
            .add(1_500, EventKind.WAITING, "p2", 0)
            .acquired(9_000, "p2", 2);
    List<Recovery> all = Recovery.find(story.events, List.of(CALM));
    assertThat(Recovery.tooLong(all, Duration.ofSeconds(9), story.events)).isEmpty();
    List<Finding> findings = Recovery.tooLong(all, Duration.ofSeconds(7), story.events);
    assertThat(findings).hasSize(1);
    assertThat(findings.get(0).kind()).isEqualTo(Finding.Kind.RECOVERY);
    assertThat(findings.get(0).toString()).contains("for 8000 ms", "WAITING", "ACQUIRED");
  }
}
