package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.spi.BackendFailure;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Makes of a backend's failure what users see: with the lock, the store, and what to do. */
record Failures(String backend) {

  /** The failure itself, without the wrappers of futures. */
  static Throwable unwrap(Throwable failure) {
    Throwable inner = failure;
    while ((inner instanceof CompletionException || inner instanceof ExecutionException)
        && inner.getCause() != null) {
      inner = inner.getCause();
    }
    return inner;
  }

  static boolean isTransient(Throwable failure) {
    return failure instanceof BackendFailure known && known.kind() == BackendFailure.Kind.TRANSIENT;
  }

  /** True if the store has answered, with an error: nothing of the request can be at the store. */
  static boolean isDefinite(Throwable failure) {
    return failure instanceof BackendFailure && !isTransient(failure);
  }

  static BackendFailure unanswered(String what, long nanos) {
    return BackendFailure.transientFailure(
        "the store did not answer the %s within %d ms".formatted(what, nanos / 1_000_000), null);
  }

  LockException translate(String lockName, Throwable failure) {
    Throwable inner = unwrap(failure);
    if (inner instanceof LockException already) {
      return already;
    }
    if (!(inner instanceof BackendFailure known)) {
      return new LockBackendException(
          "lock '%s' (%s): unexpected failure of the backend, a defect: %s"
              .formatted(lockName, backend, inner),
          inner,
          lockName,
          backend,
          false);
    }
    String message = "lock '%s' (%s): %s".formatted(lockName, backend, known.getMessage());
    Throwable cause = known.getCause() == null ? known : known.getCause();
    return switch (known.kind()) {
      case MISCONFIGURED -> new LockConfigurationException(message, cause, lockName, backend);
      case TRANSIENT ->
          new LockBackendException(
              message + "; trying again may help", cause, lockName, backend, true);
      case PERMANENT -> new LockBackendException(message, cause, lockName, backend, false);
    };
  }
}
