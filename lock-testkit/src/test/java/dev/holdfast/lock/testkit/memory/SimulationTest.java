package dev.holdfast.lock.testkit.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.testkit.memory.SimulatedBackend.Defect;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Thousands of schedules of whole clients over the store in memory, each reproduced by its seed:
 * {@code -Dholdfast.simulation.seed=… -Dholdfast.simulation.schedules=1}.
 */
class SimulationTest {

  private static final int SCHEDULES = Integer.getInteger("holdfast.simulation.schedules", 4_000);
  private static final long FIRST = Long.getLong("holdfast.simulation.seed", 1);

  /** X1 L1 L2 F1 F2 W1 R3: no schedule breaks a rule. */
  @ParameterizedTest
  @EnumSource(
      value = MemoryStore.Mode.class,
      names = {"QUEUE", "POLLED"})
  void schedules_ofEverySeed_keepTheRules(MemoryStore.Mode mode) {
    long begun = System.nanoTime();
    long grants = 0;
    long losses = 0;
    for (long seed = FIRST; seed < FIRST + SCHEDULES; seed++) {
      Simulation.Outcome outcome = new Simulation(seed, mode, Defect.NONE).run();
      grants += outcome.grants();
      losses += outcome.losses();
    }
    assertThat(losses).as("losses provoked").isPositive();
    System.out.printf(
        Locale.ROOT,
        "[simulation] %s schedules=%d grants=%d losses=%d seconds=%.1f%n",
        mode,
        SCHEDULES,
        grants,
        losses,
        (System.nanoTime() - begun) / 1e9);
  }

  /** The simulation is worth something only if it sees what is wrong. */
  @ParameterizedTest
  @EnumSource(value = Defect.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void schedules_withADefect_areCaught(Defect defect) {
    for (long seed = 1; seed <= 1_000; seed++) {
      try {
        var unused = new Simulation(seed, MemoryStore.Mode.QUEUE, defect).run();
      } catch (Simulation.Broken broken) {
        System.out.printf("[simulation] %s caught after %d schedules%n", defect, seed);
        return;
      }
    }
    throw new AssertionError("not seen in 1000 schedules: " + defect);
  }
}
