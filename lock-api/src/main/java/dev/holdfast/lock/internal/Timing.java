package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockCapabilities.LeaseScope;
import java.time.Duration;

/**
 * The arithmetic of one lock's lease, and the refusal of settings that cannot work (CONTRACT.md,
 * A8).
 *
 * @param lease as asked of the store
 * @param margin nanoseconds before the end of what the store grants at which we stop to trust it
 * @param period nanoseconds between two renewals, for a grant of the whole lease
 * @param maxHold nanoseconds, or {@link Long#MAX_VALUE}
 */
record Timing(Duration lease, long margin, long period, long maxHold) {

  /** Far beyond any lease, and far below what differences of nanoseconds can hold. */
  static final Duration LONGEST = Duration.ofDays(36_525);

  private static final long LEAST_MARGIN = 200_000_000;

  /**
   * What a renewal and its answer may take, as a part of (lease − margin). A quarter per period
   * leaves a whole period for two trips; a hand-set period must leave two fifteenths of the whole.
   */
  private static final int ROUND_TRIP_PART = 30;

  /** Least trust in the speed of any network and scheduler. */
  private static final long LEAST_ROUND_TRIP = 5_000_000;

  static Timing of(LockOptions own, LockClientOptions client, LockCapabilities store) {
    LockOptions defaults = client.lockDefaults();
    Duration lease = own.lease().orElse(client.lease());
    checkLease(lease, client, store);
    long leaseNanos = lease.toNanos();
    long leastMargin = Math.max(LEAST_MARGIN, leaseNanos / 10);
    long margin = own.margin().or(defaults::margin).map(Duration::toNanos).orElse(leastMargin);
    if (margin < leastMargin || margin >= leaseNanos) {
      throw new IllegalArgumentException(
          "margin (%s) must be at least %s and less than the lease (%s)"
              .formatted(Duration.ofNanos(margin), Duration.ofNanos(leastMargin), lease));
    }
    long usable = leaseNanos - margin;
    long period =
        own.renewEvery().or(defaults::renewEvery).map(Duration::toNanos).orElse(usable / 4);
    checkPeriod(period, usable, leaseNanos);
    long maxHold =
        own.maxHold().or(defaults::maxHold).map(Duration::toNanos).orElse(Long.MAX_VALUE);
    return new Timing(lease, margin, period, maxHold);
  }

  private static void checkLease(Duration lease, LockClientOptions client, LockCapabilities store) {
    if (lease.compareTo(store.minLease()) < 0 || lease.compareTo(store.maxLease()) > 0) {
      throw new IllegalArgumentException(
          "lease (%s) must be from %s to %s on %s"
              .formatted(lease, store.minLease(), store.maxLease(), store.backend()));
    }
    if (store.leaseScope() == LeaseScope.CLIENT && lease.compareTo(client.lease()) < 0) {
      throw new IllegalArgumentException(
          "lease (%s) of a lock must not be shorter than the client's (%s): on %s all locks of a client live under one session"
              .formatted(lease, client.lease(), store.backend()));
    }
  }

  private static void checkPeriod(long period, long usable, long lease) {
    long roundTrip = Math.max(LEAST_ROUND_TRIP, usable / ROUND_TRIP_PART);
    long most = (usable - 2 * roundTrip) / 3;
    if (period > most) {
      String shown = most > 0 ? Duration.ofMillis(most / 1_000_000).toString() : "none is possible";
      throw new IllegalArgumentException(
          "renewEvery (%s) leaves no room for two failed renewals within lease - margin (%s of a lease of %s): at most %s"
              .formatted(
                  Duration.ofNanos(period),
                  Duration.ofNanos(usable),
                  Duration.ofNanos(lease),
                  shown));
    }
  }

  /** The instant until which an answer is trusted: {@code D = S + validFor − margin}. */
  long deadline(long asOf, Duration validFor) {
    return asOf + nanos(validFor) - margin;
  }

  /** What a backend says, in nanoseconds; "for ever" is no overflow. */
  static long nanos(Duration said) {
    return said.isNegative() ? 0 : said.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : said.toNanos();
  }

  /** The same length of time, as one object for all holds of the usual lease. */
  Duration shared(Duration validFor) {
    return validFor.equals(lease) ? lease : validFor;
  }
}
