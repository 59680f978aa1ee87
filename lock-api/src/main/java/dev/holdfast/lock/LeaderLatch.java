package dev.holdfast.lock;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Takes part in the election of one leader among all processes that use the same store and name,
 * and goes on taking part until closed.
 *
 * <p><b>Promise.</b> At most one participant leads at a time, as for {@link DistributedLock}, whose
 * name space it shares: a latch and a lock of one name exclude each other. After a loss, and after
 * any outage that heals, it stands again by itself (CONTRACT.md, E2). Giving up leadership has a
 * fixed order: {@link #hasLeadership()} is false, then {@link LeaderListener#deposed} has returned,
 * then the store hears of it.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 *
 * <p><b>Memory.</b> As for {@link LockHandle}.
 */
public interface LeaderLatch extends AutoCloseable {

  /** The name, without the client's prefix. */
  String name();

  /**
   * Stands for election. Does nothing if it was started before.
   *
   * @throws IllegalStateException if this latch or its client is closed
   */
  void start();

  /** Whether this participant leads now: local, conservative and without I/O. */
  boolean hasLeadership();

  /**
   * Waits until this participant leads. It may have lost the leadership again when this returns.
   *
   * @return the leadership
   * @throws InterruptedException if interrupted; goes on standing
   * @throws IllegalStateException if not started, or closed, also while waiting
   */
  LockHandle await() throws InterruptedException;

  /**
   * Waits until this participant leads, at most {@code maxWait}.
   *
   * @param maxWait zero or more, at most 100 years
   * @return the leadership, or empty if the time was over before
   * @throws InterruptedException if interrupted; goes on standing
   * @throws IllegalStateException if not started, or closed, also while waiting
   */
  Optional<LockHandle> await(Duration maxWait) throws InterruptedException;

  /** The leadership while this participant leads. The latch releases it, not the caller. */
  Optional<LockHandle> leadership();

  /**
   * Who leads, for people and logs: out of date as soon as it is read.
   *
   * @throws LockBackendException if the store failed
   */
  Optional<LockHolder> leader();

  /**
   * Who leads and who stands, in order, where the store can tell.
   *
   * @throws UnsupportedOperationException if it cannot ({@link
   *     dev.holdfast.lock.spi.LockCapabilities#participants()})
   * @throws LockBackendException if the store failed
   */
  List<LockHolder> participants();

  /**
   * Adds a listener. If this participant leads at the moment, {@link LeaderListener#elected}
   * follows at once.
   */
  void addListener(LeaderListener listener);

  /**
   * Gives up the leadership and stands again, behind those who stand already where the store keeps
   * an order, else after a short pause. Waits until the store has been told. Does nothing if this
   * participant does not lead. Must not be called by a listener.
   */
  void stepDown();

  /**
   * Gives up the leadership, or stands no more. No listener is called after it has returned. Takes
   * at most {@link LatchOptions#stepDownTimeout()} and the client's operation timeout. Idempotent.
   */
  @Override
  void close();
}
