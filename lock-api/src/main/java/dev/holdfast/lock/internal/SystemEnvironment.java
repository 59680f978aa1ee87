package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.spi.ClientEnvironment;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * The real clock and threads of one client, and their end.
 *
 * <p>No thread is started before it is needed. Callbacks and workers are two pools, for a user
 * whose listeners block must not use up what renewals run on.
 */
final class SystemEnvironment implements AutoCloseable {

  private static final AtomicInteger CLIENTS = new AtomicInteger();

  private final ScheduledThreadPoolExecutor timer;
  private final ExecutorService workers;
  private final ExecutorService callbacks;
  private final ClientEnvironment environment;

  SystemEnvironment(LockClientOptions options) {
    String client = "holdfast-" + CLIENTS.incrementAndGet();
    timer = new ScheduledThreadPoolExecutor(1, threads(client + "-timer"));
    timer.setRemoveOnCancelPolicy(true); // else a cancelled timeout is kept until it would be due
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    workers = pool(client + "-worker");
    callbacks = pool(client + "-callback");
    Executor listeners = options.callbackExecutor().orElse(callbacks);
    RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
    environment =
        new ClientEnvironment(
            SuspendAwareTicker.ofSystem(options.clockJumps()),
            timer,
            listeners,
            workers,
            random,
            false);
  }

  ClientEnvironment environment() {
    return environment;
  }

  @Override
  public void close() {
    timer.shutdownNow();
    workers.shutdown();
    callbacks.shutdown();
  }

  /** Waits until the threads have ended, for a caller that promises to leave none behind. */
  void awaitEnd(long nanos) {
    long end = System.nanoTime() + nanos;
    try {
      for (ExecutorService pool : new ExecutorService[] {timer, workers, callbacks}) {
        if (!pool.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          pool.shutdownNow();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static ExecutorService pool(String name) {
    return new ThreadPoolExecutor(
        0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), threads(name));
  }

  private static ThreadFactory threads(String name) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
