package dev.holdfast.lock.testkit.broken;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.ReleaseResult;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** A handle that passes everything on; each defect overrides the one thing that it gets wrong. */
abstract class BrokenHandle implements LockHandle {

  final LockHandle healthy;

  BrokenHandle(LockHandle healthy) {
    this.healthy = healthy;
  }

  @Override
  public String lockName() {
    return healthy.lockName();
  }

  @Override
  public long fencingToken() {
    return healthy.fencingToken();
  }

  @Override
  public boolean isHeld() {
    return healthy.isHeld();
  }

  @Override
  public Duration remaining() {
    return healthy.remaining();
  }

  @Override
  public void ensureHeld() {
    healthy.ensureHeld();
  }

  @Override
  public void ensureHeld(Duration margin) {
    healthy.ensureHeld(margin);
  }

  @Override
  public Duration lease() {
    return healthy.lease();
  }

  @Override
  public void onLost(Consumer<? super LockLoss> listener) {
    healthy.onLost(listener);
  }

  @Override
  public CompletionStage<LockLoss> lost() {
    return healthy.lost();
  }

  @Override
  public ReleaseResult release() {
    return healthy.release();
  }

  @Override
  public CompletableFuture<ReleaseResult> releaseAsync() {
    return healthy.releaseAsync();
  }

  @Override
  public void close() {
    healthy.close();
  }
}
