package dev.holdfast.lock;

import org.jspecify.annotations.Nullable;

/** The lock was this handle's and is not any more. */
public final class LockLostException extends LockException {

  private static final long serialVersionUID = 1L;

  private final LockLoss loss;

  /** Made by the engine. */
  public LockLostException(LockLoss loss, String backend, @Nullable Throwable cause) {
    super(
        "lock '%s' (%s), fencing token %d, was lost: %s"
            .formatted(loss.lockName(), backend, loss.fencingToken(), loss.reason()),
        cause,
        loss.lockName(),
        backend);
    this.loss = loss;
  }

  /** Made by the engine, for a handle that is held, but not for as long as was demanded. */
  public LockLostException(LockLoss loss, String backend, String message) {
    super(message, null, loss.lockName(), backend);
    this.loss = loss;
  }

  /** The token of the grant that was lost. */
  public long fencingToken() {
    return loss.fencingToken();
  }

  /** Why it was lost. */
  public LossReason reason() {
    return loss.reason();
  }
}
