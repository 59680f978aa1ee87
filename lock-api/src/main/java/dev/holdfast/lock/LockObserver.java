package dev.holdfast.lock;

import java.time.Duration;
import java.util.Optional;

/**
 * Sees all that a client does, for metrics and traces.
 *
 * <p>Called by whatever thread does the work, the timer's included: must return at once and must
 * not block. What it throws is logged and changes nothing.
 */
public interface LockObserver {

  /** Sees nothing. */
  LockObserver NONE = new LockObserver() {};

  /** Somebody wants the lock. */
  default void attempted(String lockName) {}

  /** Somebody has to wait, behind {@code holder} if the store tells. */
  default void waiting(String lockName, Optional<LockHolder> holder) {}

  /** The lock was granted after {@code waited}. */
  default void granted(String lockName, long fencingToken, Duration waited) {}

  /** The wait ended without the lock: timed out, interrupted, cancelled, refused or failed. */
  default void notAcquired(String lockName, Duration waited) {}

  /**
   * A renewal was confirmed when {@code remaining} was left of the trusted time: a value that comes
   * near to zero tells of a store in trouble before a lock is lost.
   */
  default void renewed(String lockName, long fencingToken, Duration remaining) {}

  /** A lock was lost. */
  default void lost(LockLoss loss) {}

  /** A lock was released after {@code held}. */
  default void released(String lockName, long fencingToken, ReleaseResult result, Duration held) {}
}
