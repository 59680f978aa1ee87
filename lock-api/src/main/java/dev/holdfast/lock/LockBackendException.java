package dev.holdfast.lock;

import org.jspecify.annotations.Nullable;

/**
 * The store failed or could not be reached. Nothing is held: a claim that may have reached the
 * store is withdrawn in the background, or ends with its lease.
 */
public final class LockBackendException extends LockException {

  private static final long serialVersionUID = 1L;

  private final boolean retryable;

  /** Made by the engine from a backend's failure. */
  public LockBackendException(
      String message,
      @Nullable Throwable cause,
      @Nullable String lockName,
      String backend,
      boolean retryable) {
    super(message, cause, lockName, backend);
    this.retryable = retryable;
  }

  /** True if the same call may succeed later, without a change to the set-up. */
  public boolean isRetryable() {
    return retryable;
  }
}
