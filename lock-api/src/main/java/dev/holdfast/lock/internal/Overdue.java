package dev.holdfast.lock.internal;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Watches all requests that are on their way, coarsely: an answer that never comes is noticed
 * within a quarter of the operation timeout after it was due.
 *
 * <p>One shared tick instead of a timer entry per request, for nearly all of them are answered long
 * before. The tick stops after it has found nothing to watch.
 */
final class Overdue implements Runnable {

  /** Something that waits for an answer. */
  abstract static class Pending extends Bag.Link {

    private final int thread = (int) Thread.currentThread().getId();

    /** Those of one thread stay in order of arrival; a simulation has one thread. */
    @Override
    final int spread() {
      return thread;
    }

    abstract boolean isOverdue(long now);

    /** The answer has not come in time; on a worker, and asked once more whether it is so. */
    abstract void overdue();
  }

  private final Engine engine;
  private final long every;
  private final Bag<Pending> pending = new Bag<>();
  private final AtomicBoolean ticking = new AtomicBoolean();
  private volatile @Nullable CompletableFuture<Void> settled;

  Overdue(Engine engine, long operationTimeout) {
    this.engine = engine;
    this.every = Math.max(1_000_000, operationTimeout / 4);
  }

  void add(Pending request) {
    boolean unused = pending.add(request);
    startTicking();
  }

  private void startTicking() {
    if (!ticking.get() && ticking.compareAndSet(false, true)) {
      engine.later(this, every);
    }
  }

  void remove(Pending request) {
    boolean unused = pending.remove(request);
    CompletableFuture<Void> waiting = settled;
    if (waiting != null && pending.isEmpty()) {
      waiting.complete(null);
    }
  }

  /** Completes when nothing is on its way any more. */
  CompletableFuture<Void> settled() {
    CompletableFuture<Void> waiting = new CompletableFuture<>();
    settled = waiting;
    if (pending.isEmpty()) { // asked after it was announced, so that the last one is not missed
      waiting.complete(null);
    }
    return waiting;
  }

  List<Pending> all() {
    return pending.elements();
  }

  @Override
  public void run() {
    if (engine.isEnded()) {
      return;
    }
    List<Pending> watched = all();
    if (watched.isEmpty()) {
      ticking.set(false);
      if (!pending.isEmpty()) {
        startTicking(); // for one that came in between, and saw the tick still going
      }
      return;
    }
    long now = engine.now();
    for (Pending request : watched) {
      if (request.isOverdue(now)) {
        engine.work(request::overdue);
      }
    }
    engine.later(this, every);
  }
}
