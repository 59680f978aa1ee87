package dev.holdfast.lock.testkit.soak;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What a soak does.
 *
 * @param duration how long faults may come, the calm after the last of them included; default 1
 *     min, at least 15 s
 * @param seed of the plan of faults; default 1
 * @param processes how many JVMs compete; default 4, at least 2
 * @param locks how many locks each of them wants all the time; default 3, at least 1
 * @param lease of the locks; raised to the least that the store can; default 2 s
 * @param folder for the histories and the picture; what an earlier soak left there is deleted;
 *     default {@code target/soak}
 */
public record SoakOptions(
    Duration duration, long seed, int processes, int locks, Duration lease, Path folder) {

  private static final Duration LEAST = Duration.ofSeconds(15);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public SoakOptions {
    if (duration.compareTo(LEAST) < 0) {
      throw new IllegalArgumentException("a soak takes 15 s or more, not " + duration);
    }
    if (processes < 2 || locks < 1 || lease.isNegative() || lease.isZero()) {
      throw new IllegalArgumentException(
          "a soak takes 2 processes, 1 lock and a lease at least, not %d, %d, %s"
              .formatted(processes, locks, lease));
    }
  }

  /**
   * The defaults.
   *
   * @return options that can be changed by the methods below
   */
  public static SoakOptions defaults() {
    return new SoakOptions(
        Duration.ofMinutes(1), 1, 4, 3, Duration.ofSeconds(2), Path.of("target", "soak"));
  }

  /** The same with another duration. */
  public SoakOptions withDuration(Duration value) {
    return new SoakOptions(value, seed, processes, locks, lease, folder);
  }

  /** The same with another seed. */
  public SoakOptions withSeed(long value) {
    return new SoakOptions(duration, value, processes, locks, lease, folder);
  }

  /** The same with another number of processes. */
  public SoakOptions withProcesses(int value) {
    return new SoakOptions(duration, seed, value, locks, lease, folder);
  }

  /** The same with another number of locks. */
  public SoakOptions withLocks(int value) {
    return new SoakOptions(duration, seed, processes, value, lease, folder);
  }

  /** The same with another lease. */
  public SoakOptions withLease(Duration value) {
    return new SoakOptions(duration, seed, processes, locks, value, folder);
  }

  /** The same with another folder. */
  public SoakOptions withFolder(Path value) {
    return new SoakOptions(duration, seed, processes, locks, lease, value);
  }
}
