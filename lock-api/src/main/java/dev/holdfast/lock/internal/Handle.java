package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.ReleaseResult;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * What the user keeps of a {@link Hold}. The engine itself refers to it only weakly, and so notices
 * a handle that was dropped without a release.
 */
final class Handle implements LockHandle {

  /** Set once, before this is published: the hold needs its handle first, as its referent. */
  @SuppressWarnings("NullAway.Init")
  Hold hold;

  @Override
  public String lockName() {
    return hold.lock().name();
  }

  @Override
  public long fencingToken() {
    return hold.fencingToken;
  }

  @Override
  public boolean isHeld() {
    return hold.isHeld();
  }

  @Override
  public Duration remaining() {
    return Duration.ofNanos(hold.remaining());
  }

  @Override
  public void ensureHeld() {
    hold.ensureHeld(0);
  }

  @Override
  public void ensureHeld(Duration margin) {
    if (margin.isNegative() || margin.compareTo(lease()) >= 0) {
      throw new IllegalArgumentException(
          "margin must be zero or more, and less than the lease (%s): %s"
              .formatted(lease(), margin));
    }
    hold.ensureHeld(margin.toNanos());
  }

  @Override
  public Duration lease() {
    return hold.lease();
  }

  @Override
  public void onLost(Consumer<? super LockLoss> listener) {
    // Refers to this handle, by its field: as long as somebody listens it is not forgotten.
    hold.onLost(loss -> this.hold.lock().engine.callback(() -> listener.accept(loss)));
  }

  @Override
  public CompletionStage<LockLoss> lost() {
    CompletableFuture<LockLoss> lost = new CompletableFuture<>();
    onLost(lost::complete);
    return lost.minimalCompletionStage();
  }

  @Override
  public ReleaseResult release() {
    return hold.release();
  }

  @Override
  public CompletableFuture<ReleaseResult> releaseAsync() {
    return hold.releaseAsync();
  }

  @Override
  public void close() {
    ReleaseResult unused = release();
  }

  @Override
  public String toString() {
    return "handle of " + hold;
  }
}
