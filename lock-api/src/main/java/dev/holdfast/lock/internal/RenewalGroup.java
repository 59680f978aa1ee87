package dev.holdfast.lock.internal;

import dev.holdfast.lock.spi.Claim;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All claims of a client that are renewed at one period: one timer and one request per period,
 * however many they are (CONTRACT.md, S2).
 *
 * <p>Deadlines are watched by the same timer. While renewals succeed every deadline lies some
 * periods ahead, and nothing is scheduled for it; one that comes before the next tick gets a run of
 * its own. So an expiry is never late, and holding a lock costs no timer entry.
 *
 * <p>Guarded by {@code lock}: the list, nextTick, pending, pendingAt. Runs on the timer's thread,
 * which calls neither the store nor user code.
 */
final class RenewalGroup implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(RenewalGroup.class);

  private final Engine engine;
  private final long period;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable EngineClaim first;
  private int size;
  private boolean ticking;
  private long nextTick;
  private @Nullable Future<?> pending;
  private long pendingAt;

  RenewalGroup(Engine engine, long period) {
    this.engine = engine;
    this.period = period;
  }

  /**
   * Takes a claim, of which {@code left} nanoseconds are certain from {@code now} on; false if a
   * group has it.
   */
  boolean add(EngineClaim claim, long now, long left) {
    lock.lock();
    try {
      if (!EngineClaim.GROUP.compareAndSet(claim, null, this)) {
        return false;
      }
      link(claim);
      if (!ticking) {
        ticking = true;
        // A random phase, so that clients which started together do not renew together.
        nextTick = now + period / 2 + engine.random(period / 2 + 1);
      }
      runIn(now, left);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** False if another group has it, or none. */
  boolean remove(EngineClaim claim) {
    lock.lock();
    try {
      if (claim.group != this) {
        return false;
      }
      unlink(claim);
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void run() {
    long now = engine.now();
    List<EngineClaim> members = members();
    long least = Acquisition.NEVER;
    for (EngineClaim claim : members) {
      if (claim.owner instanceof Hold hold) {
        least = Math.min(least, look(hold, now));
      }
    }
    if (isTick(now, least)) {
      List<Claim> due = new ArrayList<>(members.size());
      forEach(due::add); // those that were lost just now have left the list
      if (!due.isEmpty()) {
        engine.renew(due);
      }
    }
  }

  /** What is left of this hold; a failure must not end the watch over all the others. */
  private static long look(Hold hold, long now) {
    try {
      if (!hold.hasEnded() && hold.isForgotten()) {
        hold.lock().engine.forgotten(hold);
      }
      return hold.leftAt(now);
    } catch (Throwable e) {
      LOG.error("A defect of Holdfast: {} could not be looked after", hold.claim, e);
      return Acquisition.NEVER;
    }
  }

  /** Plans the next run, and says whether this one is a tick. */
  private boolean isTick(long now, long left) {
    lock.lock();
    try {
      cancelPending();
      boolean tick = ticking && now - nextTick >= 0;
      if (tick) {
        long planned = nextTick + period;
        // A timer that was held up does not make up for the rounds that it missed.
        nextTick = planned - now >= period / 2 ? planned : now + period / 2;
      }
      if (size == 0 && tick) {
        ticking =
            false; // lingers for a tick: a lock that is taken and freed in a loop starts no timers
      } else {
        runIn(now, left);
      }
      return tick;
    } finally {
      lock.unlock();
    }
  }

  /** Runs at the next tick, or {@code left} nanoseconds after {@code now} if that comes first. */
  private void runIn(long now, long left) {
    long instant = now + Math.min(left, nextTick - now);
    if (pending != null && pendingAt - instant <= 0) {
      return;
    }
    cancelPending();
    pendingAt = instant;
    pending = engine.schedule(this, instant - engine.now());
  }

  private void cancelPending() {
    if (pending != null) {
      pending.cancel(false);
      pending = null;
    }
  }

  List<EngineClaim> members() {
    List<EngineClaim> members = new ArrayList<>(size);
    forEach(members::add);
    return members;
  }

  private void forEach(Consumer<? super EngineClaim> action) {
    lock.lock();
    try {
      for (EngineClaim at = first; at != null; at = at.next) {
        action.accept(at);
      }
    } finally {
      lock.unlock();
    }
  }

  private void link(EngineClaim claim) {
    claim.previous = null;
    claim.next = first;
    if (first != null) {
      first.previous = claim;
    }
    first = claim;
    size++;
  }

  private void unlink(EngineClaim claim) {
    EngineClaim before = claim.previous;
    EngineClaim after = claim.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after != null) {
      after.previous = before;
    }
    claim.previous = null;
    claim.next = null;
    size--;
    claim.group = null; // last: from now on another group may take it
  }
}
