package dev.holdfast.lock.pulsar;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The monitor of one lock. Whatever has to be told, sent or opened is collected under it, and done
 * after it was left.
 */
final class Guard {

  private final List<Runnable> afterwards = new ArrayList<>();

  /** Does this under the monitor, and what follows from it after that. May be nested. */
  void run(Runnable work) {
    List<Runnable> follows = List.of();
    boolean nested = Thread.holdsLock(this);
    synchronized (this) {
      work.run();
      if (!nested) {
        follows = List.copyOf(afterwards);
        afterwards.clear();
      }
    }
    follows.forEach(Runnable::run);
  }

  /** Under the monitor: does this afterwards. */
  void after(Runnable work) {
    afterwards.add(work);
  }

  /** Under the monitor: begins this afterwards, whose outcome comes back by itself. */
  void begin(Supplier<CompletableFuture<?>> call) {
    afterwards.add(
        () -> {
          var unused = call.get();
        });
  }
}
