package dev.holdfast.lock.examples;

import dev.holdfast.lock.LeaderLatch;
import dev.holdfast.lock.LeaderListener;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A job that the first heartbeat starts, on the one active node of several.
 *
 * <p>People build this by hand on a failover subscription: every node gets ready, the broker makes
 * one consumer the active one, the first heartbeat that it receives starts the scheduler, and later
 * ones are ignored. The weak place is what "active" means: a consumer that is cut off still takes
 * itself for active when another already is. Here a lock says it, and takes it back in time: the
 * job is stopped before another node can start it.
 *
 * <p><b>Threads.</b> Safe for concurrent use. Heartbeats may come from any thread.
 */
public final class HeartbeatJob implements AutoCloseable {

  private final ReentrantLock lock = new ReentrantLock();
  private final LeaderLatch latch;
  private final Job job;
  private @Nullable LockHandle leadership;
  private @Nullable Run run;

  /** What a heartbeat did. */
  public enum Effect {
    /** This node is active, and the job runs from now on. */
    STARTED,
    /** The job runs here already. */
    IGNORED,
    /** Another node is active, or none. */
    DORMANT
  }

  /** Starts what is to run on one node at a time. */
  @FunctionalInterface
  public interface Job {

    /**
     * Starts it and returns.
     *
     * @param fencingToken for all that it writes
     * @return how to stop it
     */
    Run start(long fencingToken);
  }

  /** A job that runs. */
  @FunctionalInterface
  public interface Run {

    /** Stops it; it does nothing any more when this returns. */
    void stop();
  }

  /**
   * A node that stands by from now on.
   *
   * @param name of the job, the same on all nodes
   * @param locks the node's client
   * @param job what to start
   */
  public HeartbeatJob(String name, LockClient locks, Job job) {
    this.job = job;
    this.latch = locks.leaderLatch(name);
    latch.addListener(new Term());
    latch.start();
  }

  /**
   * What whoever receives the heartbeats calls for each of them, on every node.
   *
   * @return what it did here
   */
  public Effect heartbeat() {
    lock.lock();
    try {
      LockHandle active = leadership;
      if (active == null || !active.isHeld()) {
        return Effect.DORMANT;
      }
      if (run != null) {
        return Effect.IGNORED;
      }
      run = job.start(active.fencingToken());
      return Effect.STARTED;
    } finally {
      lock.unlock();
    }
  }

  /** Stops the job if it runs here, and makes another node the active one. */
  @Override
  public void close() {
    latch.close();
  }

  /** Called by the latch: elected, deposed, elected, deposed, one at a time. */
  private final class Term implements LeaderListener {

    @Override
    public void elected(LockHandle elected) {
      lock.lock();
      try {
        leadership = elected;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void deposed(LockLoss loss) {
      Optional<Run> stopping;
      lock.lock();
      try {
        leadership = null;
        stopping = Optional.ofNullable(run);
        run = null;
      } finally {
        lock.unlock();
      }
      stopping.ifPresent(Run::stop);
    }
  }
}
