package dev.holdfast.lock.testkit.history;

/** What a {@link HistoryEvent} says. */
public enum EventKind {
  /** A client began to wait for a lock. */
  WAITING,
  /** A client was granted a lock; noted when {@code acquire} has returned. */
  ACQUIRED,
  /** A client was told that its lock is lost; noted first thing in the notice. */
  LOST,
  /** A client is about to release a lock; noted before the call. */
  RELEASING,
  /** The release has returned. */
  RELEASED,
  /** A client saw {@code isHeld()} false for a lock that it had not released. */
  UNHELD,
  /** The guarded resource took a write. */
  WRITTEN,
  /**
   * The guarded resource refused a write for its old token; the detail says what the client saw.
   */
  REJECTED,
  /** A process was killed; noted by the one who did it, once it was gone. */
  KILLED,
  /** A process was stopped; noted by the one who did it, once it stood still. */
  PAUSED,
  /** A process is about to go on; noted by the one who did it, before the signal. */
  RESUMED,
  /** A fault began; the process is its victim, or empty for all. */
  FAULT,
  /** A fault ended; process and detail are those of its FAULT. */
  HEALED,
  /** Anything else worth reading, such as a wait that was given up. */
  NOTE
}
