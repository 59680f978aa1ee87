package dev.holdfast.lock;

import static dev.holdfast.lock.Checks.positive;

import java.time.Duration;

/**
 * How a {@link LeaderLatch} takes part.
 *
 * @param lock how the leadership is held
 * @param stepDownTimeout the longest that {@link LeaderListener#deposed} may take, when leadership
 *     is given up on purpose, before it is released at the store all the same; it is kept until
 *     then. Default 10 s
 */
public record LatchOptions(LockOptions lock, Duration stepDownTimeout) {

  private static final LatchOptions DEFAULTS =
      new LatchOptions(LockOptions.defaults(), Duration.ofSeconds(10));

  /**
   * Checks the timeout.
   *
   * @throws IllegalArgumentException if it is not positive, or longer than 100 years
   */
  public LatchOptions {
    positive("stepDownTimeout", stepDownTimeout);
  }

  /** Everything at its default. */
  public static LatchOptions defaults() {
    return DEFAULTS;
  }

  /** These options with another way to hold the leadership. */
  public LatchOptions withLock(LockOptions value) {
    return new LatchOptions(value, stepDownTimeout);
  }

  /**
   * These options with another {@link #stepDownTimeout()}.
   *
   * @throws IllegalArgumentException if not positive, or longer than 100 years
   */
  public LatchOptions withStepDownTimeout(Duration value) {
    return new LatchOptions(lock, value);
  }
}
