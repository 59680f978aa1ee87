package dev.holdfast.lock.internal;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Watches all requests that are on their way, coarsely: an answer that never comes is noticed
 * within a quarter of the operation timeout after it was due.
 *
 * <p>One shared tick instead of a timer entry per request, for nearly all of them are answered long
 * before. The tick stops after it has found nothing to watch. Guarded by {@code lock}: pending, in
 * order of arrival so that a simulation can be repeated, ticking, settled.
 */
final class Overdue implements Runnable {

  /** Something that waits for an answer. */
  interface Pending {
    boolean isOverdue(long now);

    /** The answer has not come in time; on a worker, and asked once more whether it is so. */
    void overdue();
  }

  private final Engine engine;
  private final long every;
  private final ReentrantLock lock = new ReentrantLock();
  private final Set<Pending> pending = new LinkedHashSet<>();
  private boolean ticking;
  private @Nullable CompletableFuture<Void> settled;

  Overdue(Engine engine, long operationTimeout) {
    this.engine = engine;
    this.every = Math.max(1_000_000, operationTimeout / 4);
  }

  void add(Pending request) {
    boolean start;
    lock.lock();
    try {
      pending.add(request);
      start = !ticking;
      ticking = true;
    } finally {
      lock.unlock();
    }
    if (start) {
      engine.later(this, every);
    }
  }

  void remove(Pending request) {
    CompletableFuture<Void> waiting;
    lock.lock();
    try {
      pending.remove(request);
      waiting = pending.isEmpty() ? settled : null;
    } finally {
      lock.unlock();
    }
    if (waiting != null) {
      waiting.complete(null);
    }
  }

  /** Completes when nothing is on its way any more. */
  CompletableFuture<Void> settled() {
    lock.lock();
    try {
      CompletableFuture<Void> waiting = new CompletableFuture<>();
      settled = waiting;
      if (pending.isEmpty()) {
        waiting.complete(null);
      }
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  List<Pending> all() {
    lock.lock();
    try {
      return List.copyOf(pending);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void run() {
    List<Pending> watched;
    lock.lock();
    try {
      watched = engine.isEnded() ? List.of() : List.copyOf(pending);
      ticking = !watched.isEmpty();
    } finally {
      lock.unlock();
    }
    long now = engine.now();
    for (Pending request : watched) {
      if (request.isOverdue(now)) {
        engine.work(request::overdue);
      }
    }
    if (!watched.isEmpty()) {
      engine.later(this, every);
    }
  }
}
