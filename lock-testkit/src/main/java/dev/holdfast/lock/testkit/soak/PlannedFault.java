package dev.holdfast.lock.testkit.soak;

import java.time.Duration;
import java.util.Locale;

/**
 * A fault of the plan.
 *
 * @param at when, from the start
 * @param kind what
 * @param lock whose holder is meant, from 1; 0 for {@code process} whatever it holds
 * @param process which process, from 1, if nobody holds the lock
 * @param length how long
 */
public record PlannedFault(Duration at, FaultKind kind, int lock, int process, Duration length) {

  /**
   * One line, the same for the same plan.
   *
   * @return such as {@code 12.345 s frozen for 1.200 s: the holder of lock 2, else process 3}
   */
  @Override
  public String toString() {
    return "%s  %s for %s%s".formatted(seconds(at), kind, seconds(length).strip(), aim());
  }

  private String aim() {
    if (kind.place() == FaultKind.Place.STORE) {
      return "";
    }
    return lock == 0
        ? ": process " + process
        : ": the holder of lock %d, else process %d".formatted(lock, process);
  }

  static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%8.3f s", duration.toMillis() / 1000.0);
  }
}
