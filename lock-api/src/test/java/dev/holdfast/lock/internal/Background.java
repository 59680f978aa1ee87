package dev.holdfast.lock.internal;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A thread of its own, and what comes of it. */
final class Background<T> {

  private final CompletableFuture<T> result = new CompletableFuture<>();
  final Thread thread;

  private Background(Callable<T> work) {
    thread =
        new Thread(
            () -> {
              try {
                result.complete(work.call());
              } catch (Throwable e) {
                result.completeExceptionally(e);
              }
            },
            "background");
    thread.setDaemon(true);
    thread.start();
  }

  /** Starts, and goes on when the work waits for something or has ended. */
  static <T> Background<T> waiting(Callable<T> work) {
    Background<T> started = new Background<>(work);
    Await.parked(started.thread);
    return started;
  }

  static <T> Background<T> start(Callable<T> work) {
    return new Background<>(work);
  }

  boolean isDone() {
    return result.isDone();
  }

  T get() throws ExecutionException, InterruptedException, TimeoutException {
    return result.get(30, TimeUnit.SECONDS);
  }

  /** What it threw. */
  Throwable failure() throws InterruptedException, TimeoutException {
    try {
      throw new AssertionError("returned " + get());
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }
}
