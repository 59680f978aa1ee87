package dev.holdfast.lock;

/** What became of a {@link LockHandle#release()}. */
public enum ReleaseResult {
  /** The lock was held until now and the store has freed it. */
  RELEASED,

  /** The lock had been lost before; nothing was freed, and no successor was touched. */
  ALREADY_LOST,

  /**
   * The lock is given up here, but the store did not confirm it in time. The release is repeated in
   * the background; at the latest the store frees the lock when the lease runs out.
   */
  UNCONFIRMED
}
