package dev.holdfast.lock.internal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Watches all requests that are on their way, coarsely: an answer that never comes is noticed
 * within a quarter of the operation timeout after it was due.
 *
 * <p>One shared tick instead of a timer entry per request, for nearly all of them are answered long
 * before. The tick stops after it has found nothing to watch.
 */
final class Overdue implements Runnable {

  /** Something that waits for an answer. */
  interface Pending {
    void check(long now);
  }

  private final Engine engine;
  private final long every;
  private final Set<Pending> pending = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean ticking = new AtomicBoolean();

  Overdue(Engine engine, long operationTimeout) {
    this.engine = engine;
    this.every = Math.max(1_000_000, operationTimeout / 4);
  }

  void add(Pending request) {
    pending.add(request);
    if (!ticking.get() && ticking.compareAndSet(false, true)) {
      engine.later(this, every);
    }
  }

  void remove(Pending request) {
    pending.remove(request);
  }

  Set<Pending> all() {
    return pending;
  }

  @Override
  public void run() {
    if (pending.isEmpty()) {
      ticking.set(false);
      // Whoever was added in between found the tick running and relies on it.
      if (pending.isEmpty() || !ticking.compareAndSet(false, true)) {
        return;
      }
    }
    long now = engine.now();
    for (Pending request : pending) {
      request.check(now);
    }
    engine.later(this, every);
  }
}
