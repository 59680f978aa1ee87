package dev.holdfast.lock.testkit;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** The executors of one client in {@link VirtualTime}: all of them are this one. */
final class VirtualTimer extends AbstractExecutorService implements ScheduledExecutorService {

  private final VirtualTime time;
  private final double rate;
  private volatile boolean shutdown;

  VirtualTimer(VirtualTime time, double rate) {
    this.time = time;
    this.rate = rate;
  }

  @Override
  public void execute(Runnable command) {
    var unused = add(Executors.callable(command), 0, 0, TimeUnit.NANOSECONDS);
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    return add(Executors.callable(command), delay, 0, unit);
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
    return add(callable, delay, 0, unit);
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    return add(Executors.callable(command), initialDelay, period, unit);
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    return add(Executors.callable(command), initialDelay, delay, unit);
  }

  private <V> VirtualTask<V> add(Callable<V> step, long delay, long period, TimeUnit unit) {
    if (shutdown) {
      throw new RejectedExecutionException("shut down");
    }
    VirtualTask<V> task = new VirtualTask<>(time, step, trueNanos(period, unit));
    time.schedule(task, trueNanos(delay, unit));
    return task;
  }

  /** A fast clock's second is short. Rounded up: a timer never fires before its time. */
  private long trueNanos(long duration, TimeUnit unit) {
    long nanos = unit.toNanos(duration);
    return rate == 1 ? nanos : (long) Math.ceil(nanos / rate);
  }

  @Override
  public void shutdown() {
    shutdown = true;
  }

  @Override
  public List<Runnable> shutdownNow() {
    shutdown = true;
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return shutdown;
  }

  @Override
  public boolean isTerminated() {
    return shutdown;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return shutdown;
  }
}
