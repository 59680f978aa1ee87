package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.BackendFailure;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Answers of a store that blocks: complete when they are given. */
final class Answers {

  private Answers() {}

  /** What {@code call} returns, or the failure that it throws. */
  static <T> CompletionStage<T> of(Supplier<? extends T> call) {
    try {
      return CompletableFuture.completedFuture(call.get());
    } catch (BackendFailure e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
