package dev.holdfast.lock.internal;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread that waits for its acquisition and meanwhile does that acquisition's work: calls of a
 * blocking store need no other thread, and polls no timer.
 */
final class CallerThread implements Executor {

  /** Nothing is due that far ahead: somebody else wakes this thread. */
  private static final long FOR_EVER = Acquisition.NEVER / 4;

  private final Engine engine;
  private final Thread thread = Thread.currentThread();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  CallerThread(Engine engine) {
    this.engine = engine;
  }

  /** Hands the waiting thread something to do. */
  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    wake();
  }

  /** Makes the thread look again; it looks again anyway after what it does itself. */
  void wake() {
    if (Thread.currentThread() != thread) {
      LockSupport.unpark(thread);
    }
  }

  /**
   * Waits for the result.
   *
   * @throws InterruptedException if interrupted before there was one; the acquisition is withdrawn
   */
  Acquisition.Result await(Acquisition acquisition) throws InterruptedException {
    Future<?> alarm = virtualAlarm(acquisition);
    try {
      while (true) {
        Acquisition.Result result = acquisition.result();
        if (result != null) {
          return checked(result);
        }
        if (Thread.interrupted()) {
          abandon(acquisition);
          continue;
        }
        long now = engine.now();
        if (now - acquisition.until() >= 0 && now - acquisition.giveUpAt() >= 0) {
          acquisition.timeOut(now);
          continue;
        }
        Runnable task = tasks.poll();
        if (task != null) {
          task.run();
        } else if (now - acquisition.pollAt() >= 0) {
          acquisition.ask();
        } else {
          park(acquisition, now);
        }
      }
    } finally {
      if (alarm != null) {
        alarm.cancel(false);
      }
    }
  }

  /** A failure of a call that was interrupted is the interruption: drivers wrap it in many ways. */
  private static Acquisition.Result checked(Acquisition.Result result) throws InterruptedException {
    if (result instanceof Acquisition.Failed failed && Thread.interrupted()) {
      InterruptedException interruption = new InterruptedException();
      interruption.addSuppressed(failed.failure());
      throw interruption;
    }
    return result;
  }

  private void abandon(Acquisition acquisition) throws InterruptedException {
    if (acquisition.abandon()) {
      throw new InterruptedException("interrupted while waiting for " + acquisition.lock());
    }
    thread.interrupt(); // granted just before: the caller gets the handle, and keeps the flag
  }

  private void park(Acquisition acquisition, long now) {
    long until = Math.min(acquisition.giveUpAt() - now, acquisition.pollAt() - now);
    if (engine.virtualTime() || until > FOR_EVER) {
      LockSupport.park(this); // without the kernel's timer, which costs as much as the engine
    } else {
      LockSupport.parkNanos(this, until);
    }
  }

  private @Nullable Future<?> virtualAlarm(Acquisition acquisition) {
    return engine.virtualTime() && acquisition.isLimited()
        ? engine.schedule(this::wake, acquisition.until() - engine.now())
        : null;
  }
}
