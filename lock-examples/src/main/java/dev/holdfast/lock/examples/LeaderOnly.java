package dev.holdfast.lock.examples;

import dev.holdfast.lock.LeaderLatch;
import dev.holdfast.lock.LeaderListener;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task that runs again and again, on one of the nodes: the leader.
 *
 * <p>When leadership is given up, the task has ended before anybody else is elected. After a loss
 * nothing has to be done: the latch stands for election again by itself.
 *
 * <p><b>Threads.</b> Safe for concurrent use. One thread runs the task.
 */
public final class LeaderOnly implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LeaderOnly.class);

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ReentrantLock running = new ReentrantLock();
  private final Duration every;
  private final LongConsumer task;
  private final LeaderLatch latch;

  /**
   * A node that does not stand for election yet.
   *
   * @param name of the election, the same on all nodes
   * @param locks the node's client
   * @param every the time between two runs
   * @param task gets the fencing token of the leadership, for what it writes
   */
  public LeaderOnly(String name, LockClient locks, Duration every, LongConsumer task) {
    this.every = every;
    this.task = task;
    this.latch = locks.leaderLatch(name);
    latch.addListener(new Term());
  }

  /** Stands for election from now on. */
  public void start() {
    latch.start();
  }

  /**
   * Whether this node leads.
   *
   * @return true means certainly
   */
  public boolean isLeader() {
    return latch.hasLeadership();
  }

  /** Gives the leadership up for this time, for instance before a long pause. */
  public void stepDown() {
    latch.stepDown();
  }

  @Override
  public void close() {
    latch.close();
    timer.shutdownNow();
  }

  /** Called by the latch: elected, deposed, elected, deposed, one at a time. */
  private final class Term implements LeaderListener {

    private @Nullable ScheduledFuture<?> runs;

    @Override
    public void elected(LockHandle leadership) {
      runs =
          timer.scheduleWithFixedDelay(
              () -> runOnce(leadership), 0, every.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void deposed(LockLoss loss) {
      if (runs != null) {
        runs.cancel(true);
      }
      running.lock(); // so that the last run has ended when this returns
      try {
        runs = null;
      } finally {
        running.unlock();
      }
    }
  }

  private void runOnce(LockHandle leadership) {
    running.lock();
    try {
      if (leadership.isHeld()) {
        task.accept(leadership.fencingToken());
      }
    } catch (RuntimeException e) {
      log.warn("the task failed and will be run again", e); // or the timer would forget it
    } finally {
      running.unlock();
    }
  }
}
