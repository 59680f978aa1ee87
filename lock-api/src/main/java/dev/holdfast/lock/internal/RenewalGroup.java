package dev.holdfast.lock.internal;

import dev.holdfast.lock.spi.Claim;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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

  void add(EngineClaim claim, long deadline) {
    lock.lock();
    try {
      link(claim);
      if (!ticking) {
        ticking = true;
        // A random phase, so that clients which started together do not renew together.
        nextTick = engine.now() + period / 2 + engine.random(period / 2 + 1);
      }
      runAt(earlier(deadline, nextTick));
    } finally {
      lock.unlock();
    }
  }

  void remove(EngineClaim claim) {
    lock.lock();
    try {
      if (claim.group == this) {
        unlink(claim);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void run() {
    long now = engine.now();
    List<EngineClaim> members = members();
    long earliest = Long.MAX_VALUE;
    for (EngineClaim claim : members) {
      earliest = Math.min(earliest, claim.owner instanceof Hold hold ? look(hold, now) : earliest);
    }
    if (isTick(now, earliest)) {
      List<Claim> due = new ArrayList<>(members.size());
      forEach(due::add); // those that were lost just now have left the list
      if (!due.isEmpty()) {
        engine.renew(due);
      }
    }
  }

  private static long look(Hold hold, long now) {
    if (hold.isForgotten()) {
      hold.lock().engine.forgotten(hold);
    }
    return hold.deadlineAt(now);
  }

  /** Plans the next run, and says whether this one is a tick. */
  private boolean isTick(long now, long earliest) {
    lock.lock();
    try {
      pending = null;
      boolean tick = ticking && now - nextTick >= 0;
      if (tick) {
        nextTick = Math.max(nextTick + period, now + period / 2);
      }
      if (size == 0 && tick) {
        ticking =
            false; // lingers for a tick: a lock that is taken and freed in a loop starts no timers
      } else {
        runAt(earlier(earliest, nextTick));
      }
      return tick;
    } finally {
      lock.unlock();
    }
  }

  private void runAt(long instant) {
    if (pending != null) {
      if (pendingAt - instant <= 0) {
        return;
      }
      pending.cancel(false);
    }
    pendingAt = instant;
    pending = engine.schedule(this, instant - engine.now());
  }

  private static long earlier(long deadline, long tick) {
    return deadline == Long.MAX_VALUE || deadline - tick > 0 ? tick : deadline;
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
    claim.group = this;
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
    claim.group = null;
    claim.previous = null;
    claim.next = null;
    size--;
  }
}
