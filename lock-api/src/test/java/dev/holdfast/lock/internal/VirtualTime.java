package dev.holdfast.lock.internal;

import dev.holdfast.lock.spi.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Time that stands still until a test moves it. The thread that moves it plays the timer: it runs
 * what has become due, each task at its own instant.
 */
final class VirtualTime {

  private final ReentrantLock lock = new ReentrantLock();
  private final List<Task> tasks = new ArrayList<>();
  private final ThreadLocal<Boolean> timer = ThreadLocal.withInitial(() -> false);
  private volatile long now;
  private long sequence;
  private volatile boolean shutDown;
  private final AtomicReference<Runnable> atReading = new AtomicReference<>();

  VirtualTime(long origin) {
    now = origin;
  }

  Ticker ticker() {
    return () -> {
      Runnable task = atReading.getAndSet(null);
      if (task != null) {
        task.run();
      }
      return now;
    };
  }

  /** Runs once, in the midst of whatever reads the clock next. */
  void atNextReading(Runnable task) {
    atReading.set(task);
  }

  long now() {
    return now;
  }

  /** Lets time pass, and runs what becomes due on the way, on this thread. */
  void advance(Duration by) {
    long end = now + by.toNanos();
    for (Task task = due(end); task != null; task = due(end)) {
      if (task.at - now > 0) {
        now = task.at;
      }
      asTimer(task);
    }
    now = end;
  }

  /** Lets time pass while no thread gets to run: what was due is run by the next advance. */
  void pause(Duration by) {
    lock.lock();
    try {
      long later = now + by.toNanos();
      now = later;
    } finally {
      lock.unlock();
    }
  }

  /** True if this thread plays the timer: it must not touch the store or run users' code. */
  boolean isTimer() {
    return timer.get();
  }

  /** The tasks that wait. */
  int scheduled() {
    lock.lock();
    try {
      return tasks.size();
    } finally {
      lock.unlock();
    }
  }

  private void asTimer(Runnable task) {
    timer.set(true);
    try {
      task.run();
    } finally {
      timer.set(false);
    }
  }

  private Task due(long until) {
    lock.lock();
    try {
      Task first =
          tasks.stream()
              .min(
                  Comparator.<Task>comparingLong(task -> task.at - now)
                      .thenComparingLong(task -> task.number))
              .filter(task -> task.at - until <= 0)
              .orElse(null);
      tasks.remove(first);
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** Runs at once, on the thread of the caller, which plays a worker meanwhile. */
  Executor inline() {
    return task -> {
      boolean before = timer.get();
      timer.set(false);
      try {
        task.run();
      } finally {
        timer.set(before);
      }
    };
  }

  ScheduledExecutorService timer() {
    return new Timer();
  }

  private final class Task extends FutureTask<Void> implements ScheduledFuture<Void> {

    final long at;
    final long number;

    Task(Runnable work, long at, long number) {
      super(work, null);
      this.at = at;
      this.number = number;
    }

    @Override
    protected void setException(Throwable failure) {
      throw new AssertionError("a task of the timer threw, which would end it", failure);
    }

    @Override
    public boolean cancel(boolean interrupt) {
      lock.lock();
      try {
        tasks.remove(this);
      } finally {
        lock.unlock();
      }
      return super.cancel(interrupt);
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(at - now, TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
  }

  private final class Timer extends AbstractExecutorService implements ScheduledExecutorService {

    @Override
    public ScheduledFuture<?> schedule(Runnable work, long delay, TimeUnit unit) {
      lock.lock();
      try {
        Task task = new Task(work, now + unit.toNanos(delay), sequence++);
        tasks.add(task);
        return task;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> work, long delay, TimeUnit unit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
        Runnable work, long first, long period, TimeUnit unit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
        Runnable work, long first, long delay, TimeUnit unit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void execute(Runnable work) {
      ScheduledFuture<?> unused = schedule(work, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public void shutdown() {
      shutDown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
      shutDown = true;
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return shutDown;
    }

    @Override
    public boolean isTerminated() {
      return shutDown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }
}
