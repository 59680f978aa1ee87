package dev.holdfast.lock;

import org.jspecify.annotations.Nullable;

/**
 * This will never work as it is configured; the message says what to change (the URI, the artifact
 * to add, the DDL to run, the right to grant).
 */
public final class LockConfigurationException extends LockException {

  private static final long serialVersionUID = 1L;

  /** Made by the engine and by providers. */
  public LockConfigurationException(
      String message, @Nullable Throwable cause, @Nullable String lockName, String backend) {
    super(message, cause, lockName, backend);
  }
}
