package dev.holdfast.lock.internal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Runs the callbacks of one latch one after another, in the order in which they were added. */
final class Lane {

  private final Engine engine;
  private final ReentrantLock lock = new ReentrantLock();
  private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
  private volatile @Nullable Thread running;

  Lane(Engine engine) {
    this.engine = engine;
  }

  /** Adds a callback; the stage completes when it has returned. */
  CompletableFuture<Void> add(Runnable callback) {
    lock.lock();
    try {
      last = last.thenCompose(before -> engine.callback(() -> run(callback)));
      return last;
    } finally {
      lock.unlock();
    }
  }

  private void run(Runnable callback) {
    running = Thread.currentThread();
    try {
      callback.run();
    } finally {
      running = null;
    }
  }

  /** True if the caller is one of the callbacks: it must not wait for the lane. */
  boolean isCaller() {
    return running == Thread.currentThread();
  }
}
