package dev.holdfast.lock;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The root of all that this library throws of its own, besides {@link IllegalArgumentException} and
 * {@link IllegalStateException} for misuse and {@link InterruptedException} for interruption.
 */
public abstract sealed class LockException extends RuntimeException
    permits LockTimeoutException,
        LockLostException,
        LockRefusedException,
        LockBackendException,
        LockConfigurationException {

  private static final long serialVersionUID = 1L;

  private final @Nullable String lockName;
  private final String backend;

  LockException(
      String message, @Nullable Throwable cause, @Nullable String lockName, String backend) {
    super(message, cause);
    this.lockName = lockName;
    this.backend = backend;
  }

  /** The lock concerned; empty when the failure concerns the client as a whole. */
  public Optional<String> lockName() {
    return Optional.ofNullable(lockName);
  }

  /** The store concerned, as its backend names itself, for instance {@code jdbc:postgresql}. */
  public String backend() {
    return backend;
  }
}
