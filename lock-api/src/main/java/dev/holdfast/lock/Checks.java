package dev.holdfast.lock;

import java.time.Duration;

/** Refusals of durations that cannot be meant, with the same words everywhere. */
final class Checks {

  /** Far beyond any use, and far below the overflow of nanoseconds in a long (292 years). */
  private static final Duration LONGEST = Duration.ofDays(36_525);

  private Checks() {}

  static Duration positive(String what, Duration value) {
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException("%s must be positive: %s".formatted(what, value));
    }
    return atMostLongest(what, value);
  }

  static Duration notNegative(String what, Duration value) {
    if (value.isNegative()) {
      throw new IllegalArgumentException("%s must not be negative: %s".formatted(what, value));
    }
    return atMostLongest(what, value);
  }

  private static Duration atMostLongest(String what, Duration value) {
    if (value.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "%s must be at most 100 years (%s): %s".formatted(what, LONGEST, value));
    }
    return value;
  }
}
