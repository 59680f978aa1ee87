package dev.holdfast.lock.spi;

import org.jspecify.annotations.Nullable;

/**
 * A store's failure, as a backend reports it. The engine turns it into the exception that users
 * see, and adds the lock and the store to it.
 */
public final class BackendFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What the engine should do about it. */
  public enum Kind {
    /** Away, overloaded, timed out: the same call may succeed later. Retried within the wait. */
    TRANSIENT,

    /** Answered with an error that a retry will not change. */
    PERMANENT,

    /** Set up wrongly; the message tells what to change. */
    MISCONFIGURED
  }

  private final Kind kind;

  private BackendFailure(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** The same call may succeed later. The outcome of this one is unknown. */
  public static BackendFailure transientFailure(String message, @Nullable Throwable cause) {
    return new BackendFailure(Kind.TRANSIENT, message, cause);
  }

  /** A retry will not change the answer. */
  public static BackendFailure permanent(String message, @Nullable Throwable cause) {
    return new BackendFailure(Kind.PERMANENT, message, cause);
  }

  /** Will never work as configured: {@code message} says what to change. */
  public static BackendFailure misconfigured(String message, @Nullable Throwable cause) {
    return new BackendFailure(Kind.MISCONFIGURED, message, cause);
  }

  /** What the engine should do about it. */
  public Kind kind() {
    return kind;
  }
}
