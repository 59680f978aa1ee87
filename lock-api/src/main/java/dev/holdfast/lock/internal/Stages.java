package dev.holdfast.lock.internal;

import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What the engine does with stages. */
final class Stages {

  private Stages() {}

  /** Calls {@code action}, which must not throw, when the stage is complete; nothing follows it. */
  static <T extends @Nullable Object> void whenDone(
      CompletionStage<T> stage,
      BiConsumer<? super @Nullable T, ? super @Nullable Throwable> action) {
    var unused = stage.whenComplete(action);
  }

  /** Says that nobody waits for this stage, on purpose: it never fails, or it does not matter. */
  static void detached(CompletionStage<?> stage) {}
}
