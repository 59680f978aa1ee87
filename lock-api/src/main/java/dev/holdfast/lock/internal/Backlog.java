package dev.holdfast.lock.internal;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs tasks on the workers, only so many at once and the others in order of arrival: when ten
 * thousand locks are lost together, their releases must not start ten thousand threads.
 */
final class Backlog implements Executor {

  private final Engine engine;
  private final int atOnce;
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger running = new AtomicInteger();

  Backlog(Engine engine, int atOnce) {
    this.engine = engine;
    this.atOnce = atOnce;
  }

  @Override
  public void execute(Runnable task) {
    waiting.add(task);
    start();
  }

  private void start() {
    int now = running.get();
    while (now < atOnce) {
      if (running.compareAndSet(now, now + 1)) {
        engine.work(this::drain);
        return;
      }
      now = running.get();
    }
  }

  private void drain() {
    try {
      for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
        task.run();
      }
    } finally {
      running.decrementAndGet();
      if (!waiting.isEmpty()) {
        start(); // added in between, by one who found all places taken; or a task has thrown
      }
    }
  }
}
