package dev.holdfast.lock;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The lock was not free within the wait that was given. Nothing is held, nothing is left behind.
 */
public final class LockTimeoutException extends LockException {

  private static final long serialVersionUID = 1L;

  private final transient @Nullable LockHolder holder;

  /** Made by the engine. */
  public LockTimeoutException(
      String lockName,
      String backend,
      Duration waited,
      @Nullable LockHolder holder,
      boolean heldByThisClient) {
    super(message(lockName, backend, waited, holder, heldByThisClient), null, lockName, backend);
    this.holder = holder;
  }

  private static String message(
      String lockName,
      String backend,
      Duration waited,
      @Nullable LockHolder holder,
      boolean heldByThisClient) {
    String who =
        heldByThisClient
            ? "held by this client (locks are not reentrant)"
            : holder == null ? "holder unknown" : "held by " + holder.description() + token(holder);
    return "lock '%s' (%s) was not acquired within %s: %s"
        .formatted(lockName, backend, waited, who);
  }

  private static String token(LockHolder holder) {
    return holder.fencingToken().isPresent()
        ? ", fencing token " + holder.fencingToken().getAsLong()
        : "";
  }

  /** Who held the lock when it was last looked at, if the store tells. */
  public Optional<LockHolder> holder() {
    return Optional.ofNullable(holder);
  }
}
