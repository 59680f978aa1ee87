package dev.holdfast.lock.spi;

/** The store's answer to a release. */
public enum ReleaseOutcome {
  /** The claim's record was there and is gone now. */
  RELEASED,

  /** There was nothing of this claim at the store. */
  NOT_HELD
}
