package dev.holdfast.lock.examples;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockHolder;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Asks the store again and again who holds the lock, for the status line. */
final class DemoWatch implements Supplier<String>, AutoCloseable {

  private static final long PERIOD_MILLIS = 100;

  private final DistributedLock lock;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "demo-watch");
            thread.setDaemon(true);
            return thread;
          });
  private volatile String last = "";

  DemoWatch(DistributedLock lock) {
    this.lock = lock;
    var unused = timer.scheduleWithFixedDelay(this::look, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public String get() {
    return last;
  }

  private void look() {
    try {
      last = lock.holder().map(DemoWatch::describe).orElse("the lock is free");
    } catch (LockException | IllegalStateException e) {
      last = "the store does not answer: " + e.getMessage();
    }
  }

  private static String describe(LockHolder holder) {
    Optional<String> lease =
        holder.expiresIn().map(left -> ", its lease ends in " + DemoScreen.seconds(left.toNanos()));
    return "the store says: held by " + holder.description() + lease.orElse("");
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
