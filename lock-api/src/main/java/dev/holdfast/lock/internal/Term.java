package dev.holdfast.lock.internal;

import dev.holdfast.lock.LeaderListener;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One term of leadership: tells listeners of its beginning, unless it is over by then, and of its
 * end those that were told of the beginning (CONTRACT.md, E1).
 *
 * <p>{@link #elected} and {@link #deposed} run in the latch's {@link Lane}, so never at once.
 * {@code guard} makes an interrupt hit the listener that is being told, and nothing after it.
 */
final class Term {

  private static final Logger LOG = LoggerFactory.getLogger(Term.class);

  final LockHandle leadership;
  private final ReentrantLock guard = new ReentrantLock();
  private boolean over;
  private @Nullable Thread teller;
  private volatile boolean begun;

  Term(LockHandle leadership) {
    this.leadership = leadership;
  }

  /** From now on this term counts as leadership. */
  void begin() {
    begun = true;
  }

  boolean hasBegun() {
    return begun;
  }

  /** The end has come: whoever is being told of the beginning is interrupted. */
  void end() {
    guard.lock();
    try {
      over = true;
      if (teller != null) {
        teller.interrupt();
      }
    } finally {
      guard.unlock();
    }
  }

  /** Tells of the beginning; false if the term is over already and the listener was not told. */
  boolean elected(LeaderListener listener) {
    if (!enter()) {
      return false;
    }
    try {
      listener.elected(leadership);
    } catch (InterruptedException e) {
      LOG.debug("Interrupted, for leadership was lost: {}", leadership, e);
    } catch (Throwable e) {
      LOG.warn("A LeaderListener threw when told of its election; ignored", e);
    } finally {
      leave();
    }
    return true;
  }

  static void deposed(LeaderListener listener, LockLoss loss) {
    try {
      listener.deposed(loss);
    } catch (Throwable e) {
      LOG.warn("A LeaderListener threw when told of the end of its leadership; ignored", e);
    }
  }

  private boolean enter() {
    guard.lock();
    try {
      teller = over ? null : Thread.currentThread();
      return !over;
    } finally {
      guard.unlock();
    }
  }

  private void leave() {
    guard.lock();
    try {
      teller = null;
      if (over) {
        boolean unused = Thread.interrupted(); // meant for the listener, which has returned
      }
    } finally {
      guard.unlock();
    }
  }
}
