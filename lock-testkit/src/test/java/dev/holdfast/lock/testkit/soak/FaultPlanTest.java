package dev.holdfast.lock.testkit.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.testkit.soak.FaultKind.Place;
import dev.holdfast.lock.testkit.soak.FaultPlan.Storm;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class FaultPlanTest {

  private static final Set<Place> ALL = EnumSet.allOf(Place.class);
  private static final SoakOptions TEN_MINUTES =
      SoakOptions.defaults().withDuration(Duration.ofMinutes(10));

  private static List<String> lines(FaultPlan plan) {
    return plan.faults().stream().map(PlannedFault::toString).toList();
  }

  @Test
  void seed_givesTheSamePlanAgain_andAnotherSeedAnother() {
    FaultPlan plan = FaultPlan.of(42, TEN_MINUTES, ALL);
    assertThat(lines(FaultPlan.of(42, TEN_MINUTES, ALL))).isEqualTo(lines(plan));
    assertThat(lines(FaultPlan.of(43, TEN_MINUTES, ALL))).isNotEqualTo(lines(plan));
    assertThat(plan.faults()).hasSizeGreaterThan(100);
  }

  @Test
  void plan_hasEveryKindOfFault_andAimsMostlyAtHolders() {
    List<PlannedFault> faults = FaultPlan.of(1, TEN_MINUTES, ALL).faults();
    assertThat(faults.stream().map(PlannedFault::kind).collect(Collectors.toSet()))
        .containsExactlyInAnyOrder(FaultKind.values());
    long aimed = faults.stream().filter(fault -> fault.lock() > 0).count();
    assertThat(aimed).isGreaterThan(faults.size() / 2);
    assertThat(faults).allMatch(fault -> fault.lock() <= 3 && fault.process() <= 4);
  }

  @Test
  void storms_endInACalm_longEnoughToSeeThatAllRecover() {
    List<Storm> storms = FaultPlan.of(7, TEN_MINUTES, ALL).storms();
    Duration calm = FaultPlan.recoveryLimit(TEN_MINUTES.lease());
    Duration last = Duration.ZERO;
    for (Storm storm : storms) {
      assertThat(storm.start()).isGreaterThanOrEqualTo(last);
      for (PlannedFault fault : storm.faults()) {
        assertThat(fault.at()).isGreaterThanOrEqualTo(storm.start());
        assertThat(fault.at().plus(fault.length()).plus(calm)).isLessThan(storm.end());
      }
      last = storm.end();
    }
    assertThat(last).isLessThan(TEN_MINUTES.duration().plusSeconds(10));
  }

  @Test
  void places_thatCannotFail_areLeftAlone() {
    FaultPlan plan = FaultPlan.of(7, TEN_MINUTES, EnumSet.of(Place.PROCESS));
    assertThat(plan.faults()).isNotEmpty().allMatch(it -> it.kind().place() == Place.PROCESS);
  }

  @Test
  void shortestSoak_hasAStorm() {
    SoakOptions shortest = SoakOptions.defaults().withDuration(Duration.ofSeconds(15));
    assertThat(FaultPlan.of(1, shortest, ALL).faults()).isNotEmpty();
  }

  @Test
  void options_outOfRange_areRefused() {
    SoakOptions options = SoakOptions.defaults();
    assertThatThrownBy(() -> options.withDuration(Duration.ofSeconds(3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("15 s");
    assertThatThrownBy(() -> options.withProcesses(1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> options.withLocks(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
