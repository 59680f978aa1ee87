package dev.holdfast.lock.testkit.fault;

/** What passes between the engine and a backend. */
public enum Operation {
  /** {@link dev.holdfast.lock.spi.LockBackend#claim}. */
  CLAIM,
  /** {@link dev.holdfast.lock.spi.LockBackend#renew} and its answers. */
  RENEW,
  /** {@link dev.holdfast.lock.spi.LockBackend#release}. */
  RELEASE,
  /** {@link dev.holdfast.lock.spi.LockBackend#handOver}. */
  HAND_OVER,
  /** {@link dev.holdfast.lock.spi.LockBackend#inspect}. */
  INSPECT,
  /** What the store says to a waiter by itself: an answer without a request. */
  WAKE_UP
}
