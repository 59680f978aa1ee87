package dev.holdfast.lock;

/** Why a lock was lost (CONTRACT.md, L4). */
public enum LossReason {
  /** No renewal was confirmed in time; the lease may run out at the store. */
  EXPIRED,

  /** The record was deleted or taken by somebody else, an operator most likely. */
  REVOKED,

  /** The session or lease of the whole client ended at the store. */
  SESSION_LOST,

  /** {@link LockClient#close()} was called while the lock was held. */
  CLIENT_CLOSED,

  /** The lock was held for {@link LockOptions#maxHold()}. */
  MAX_HOLD,

  /** A leader stepped down by {@link LeaderLatch#stepDown()} or {@link LeaderLatch#close()}. */
  STEPPED_DOWN
}
