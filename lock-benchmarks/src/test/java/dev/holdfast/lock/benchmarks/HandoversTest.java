package dev.holdfast.lock.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.lock.benchmarks.Handovers.Hold;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandoversTest {

  private static final long MS = 1_000_000;

  @Test
  void of_twoProcessesInTurns_measuresGapsAndShares() {
    List<Hold> a = List.of(new Hold(0, MS), new Hold(10 * MS, 11 * MS), new Hold(14 * MS, 15 * MS));
    List<Hold> b = List.of(new Hold(3 * MS, 4 * MS));
    Handovers handovers = Handovers.of(List.of(a, b));
    assertThat(handovers.p50Millis()).isEqualTo(3);
    assertThat(handovers.p99Millis()).isEqualTo(6);
    assertThat(handovers.leastShare()).isEqualTo(0.25);
    assertThat(handovers.mostShare()).isEqualTo(0.75);
    assertThat(handovers.perSecond()).isEqualTo(3 / 0.014);
  }

  @Test
  void of_overlap_isNoLock() {
    List<Hold> a = List.of(new Hold(0, 3));
    List<Hold> b = List.of(new Hold(2, 4));
    assertThatIllegalStateException()
        .isThrownBy(() -> Handovers.of(List.of(a, b)))
        .withMessageContaining("at the same time");
  }

  @Test
  void text_andBack_isTheSame() {
    List<Hold> holds = List.of(new Hold(-5, 7), new Hold(8, 9));
    assertThat(Handovers.parse(Handovers.toText(holds))).isEqualTo(holds);
    assertThat(Handovers.parse("")).isEmpty();
  }
}
