package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a waiter asks again.
 *
 * <p>Where the store wakes waiters this is only the net under a lost wake-up. Where it does not,
 * the gap grows with the time that the present holder has had the lock: behind holds of a
 * millisecond a waiter asks every 2 ms, behind a hold of minutes every quarter of the poll
 * interval. It depends on the holder and not on the waiter's own patience, so all waiters of a lock
 * ask equally often and none starves another. Every gap is spread by chance, so that they do not
 * ask together.
 */
final class PollSchedule {

  /** Twice what a claim takes on a local database: asking more often would be most of its load. */
  private static final long SHORTEST = 2_000_000;

  /** How long after the end of a lease its waiters ask, at the latest: spreads them. */
  private static final long AFTER_EXPIRY = 3_000_000;

  private static final long FIRST_RETRY = 50_000_000;

  private final Engine engine;
  private final boolean queue;
  private final long interval;
  private @Nullable String lastHolder;
  private long lastHolderSince;

  PollSchedule(Engine engine) {
    this.engine = engine;
    this.queue = engine.capabilities.queue();
    this.interval = engine.options.pollInterval().toNanos();
  }

  /** Nanoseconds until the next question after this answer. */
  long afterWaiting(Waiting answer, long now) {
    long expiry = Timing.nanos(answer.lookAgainIn());
    if (answer.wakes()) {
      // A store that queues repeats a lost grant by itself, and says how soon.
      return Math.max(SHORTEST / 2, spread(queue ? expiry : Math.min(expiry, interval), 10));
    }
    long held = answer.holder().flatMap(LockHolder::heldFor).map(Duration::toNanos).orElse(-1L);
    long gap = (held >= 0 ? held : sinceHolderChanged(answer, now)) / 4;
    long polled = spread(Math.max(SHORTEST, Math.min(gap, interval / 4)), 2);
    return Math.min(polled, Math.max(expiry, SHORTEST / 2) + engine.random(AFTER_EXPIRY));
  }

  /** Nanoseconds until the next question to a store that says "ask again" before it was left. */
  static long soon() {
    return SHORTEST / 2;
  }

  /** Nanoseconds until the next try after so many failures in a row: 50 ms to the interval. */
  long afterFailure(int failures) {
    long backoff = FIRST_RETRY << Math.min(failures - 1, 10);
    return spread(Math.min(backoff, Math.max(interval, FIRST_RETRY)), 2);
  }

  /** Nanoseconds for which this client stands back, after it has kept a name to itself. */
  long courtesy() {
    return SHORTEST + engine.random(SHORTEST);
  }

  private long sinceHolderChanged(Waiting answer, long now) {
    String holder = answer.holder().map(h -> h.description() + h.fencingToken()).orElse("");
    if (!holder.equals(lastHolder)) {
      lastHolder = holder;
      lastHolderSince = now;
    }
    return now - lastHolderSince;
  }

  /** From {@code nanos} less one {@code part}, up to {@code nanos}. */
  private long spread(long nanos, int part) {
    return nanos - engine.random(nanos / part + 1);
  }
}
