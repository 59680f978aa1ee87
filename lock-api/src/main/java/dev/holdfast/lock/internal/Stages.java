package dev.holdfast.lock.internal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the engine does with stages. */
final class Stages {

  private Stages() {}

  /** What a backend's call returns; a failed stage if it throws, or returns nothing. */
  static <T> CompletionStage<T> of(Supplier<? extends @Nullable CompletionStage<T>> call) {
    try {
      CompletionStage<T> stage = call.get();
      return stage == null
          ? CompletableFuture.failedFuture(new NullPointerException("no stage was returned"))
          : stage;
    } catch (Throwable e) { // an Error too: a driver of the wrong version must not lose a turn
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Calls {@code action}, which must not throw, when the stage is complete; nothing follows it. */
  static <T extends @Nullable Object> void whenDone(
      CompletionStage<T> stage,
      BiConsumer<? super @Nullable T, ? super @Nullable Throwable> action) {
    var unused = stage.whenComplete(action);
  }

  /** Says that nobody waits for this stage, on purpose: it never fails, or it does not matter. */
  static void detached(CompletionStage<?> stage) {}
}
