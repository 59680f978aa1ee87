package dev.holdfast.lock.internal;

import dev.holdfast.lock.spi.Claim;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All claims of a client that are renewed at one period: one timer and one request per period,
 * however many they are (CONTRACT.md, S2).
 *
 * <p>The next round comes after a period, but never later than when a third of the least trust is
 * used up, and that twice more: so two rounds may fail whatever the store grants (A8). That counts
 * where it grants less than the lease that the period was made for: ZooKeeper after an idle time, a
 * grant under an old keep-alive, one that was pushed late. Whole leases are renewed once per
 * period, for three of them lie ahead at every round.
 *
 * <p>Deadlines are watched by the same timer. While renewals succeed every deadline lies some
 * periods ahead, and nothing is scheduled for it; one that comes before the next tick gets a run of
 * its own. So an expiry is never late, and holding a lock costs no timer entry.
 *
 * <p>Guarded by {@code planning}: ticking, nextTick, and what is written to {@code plan}, which is
 * read without. Nobody is missed, for one who adds a claim looks at the plan after that, and a run
 * takes itself off the plan before it looks at the claims. Runs on the timer's thread, which calls
 * neither the store nor user code.
 */
final class RenewalGroup implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(RenewalGroup.class);

  /** The next run. */
  private record Plan(long at, Future<?> run) {}

  /** At most so many times as often as the period says, while rounds fail and little is left. */
  private static final int MOST_HASTE = 16;

  private final Engine engine;
  private final long period;
  private final Bag<EngineClaim> claims = new Bag<>();
  private final ReentrantLock planning = new ReentrantLock();
  private boolean ticking;
  private long nextTick;
  private volatile @Nullable Plan plan;

  RenewalGroup(Engine engine, long period) {
    this.engine = engine;
    this.period = period;
  }

  /**
   * Takes a claim, of which {@code left} nanoseconds are certain from {@code now} on; false if a
   * group has it.
   */
  boolean add(EngineClaim claim, long now, long left) {
    if (!claims.add(claim)) {
      return false;
    }
    Plan next = plan;
    if (next == null || next.at - now > Math.min(left, gap(left))) {
      keepTicking(now, left);
    }
    return true;
  }

  /** The time to the next round where {@code left} nanoseconds are certain. */
  private long gap(long left) {
    return Math.min(period, Math.max(left / 3, period / MOST_HASTE));
  }

  List<EngineClaim> members() {
    return claims.elements();
  }

  @Override
  public void run() {
    long now = engine.now();
    unplan();
    long least = Acquisition.NEVER;
    List<Runnable> afterwards = new ArrayList<>(); // it starts threads: all are told before that
    for (EngineClaim claim : members()) {
      if (claim.owner instanceof Hold hold) {
        least = Math.min(least, look(hold, now, afterwards::add));
      }
    }
    afterwards.forEach(RenewalGroup::follow);
    if (!isTick(now, least)) {
      keepTicking(now, least);
      return;
    }
    List<? extends Claim> due = members(); // those that were lost just now have left
    if (!due.isEmpty()) {
      keepTicking(now, least);
      engine.renew(due);
    } else {
      stopTicking();
    }
  }

  /** What is left of this hold; a failure must not end the watch over all the others. */
  private static long look(Hold hold, long now, Executor afterwards) {
    try {
      if (!hold.hasEnded() && hold.isForgotten()) {
        hold.lock().engine.forgotten(hold);
      }
      return hold.leftAt(now, afterwards);
    } catch (Throwable e) {
      LOG.error("A defect of Holdfast: {} could not be looked after", hold.claim, e);
      return Acquisition.NEVER;
    }
  }

  private static void follow(Runnable loss) {
    try {
      loss.run();
    } catch (Throwable e) {
      LOG.error("A defect of Holdfast: a loss was told, and not followed up", e);
    }
  }

  private boolean isTick(long now, long least) {
    planning.lock();
    try {
      boolean tick = ticking && now - nextTick >= 0;
      if (tick) {
        long gap = gap(least);
        long planned = nextTick + gap;
        // A timer that was held up does not make up for the rounds that it missed.
        nextTick = planned - now >= gap / 2 ? planned : now + gap / 2;
      }
      return tick;
    } finally {
      planning.unlock();
    }
  }

  /** Runs at the next tick, or {@code left} nanoseconds after {@code now} if that comes first. */
  private void keepTicking(long now, long left) {
    planning.lock();
    try {
      if (!ticking) {
        ticking = true;
        // A random phase, so that clients which started together do not renew together.
        nextTick = now + period / 2 + engine.random(period / 2 + 1);
      }
      if (nextTick - now > gap(left)) {
        nextTick = now + gap(left);
      }
      long instant = now + Math.min(left, nextTick - now);
      Plan next = plan;
      if (next != null && next.at - instant <= 0) {
        return;
      }
      unplan();
      plan = new Plan(instant, engine.schedule(this, instant - engine.now()));
    } finally {
      planning.unlock();
    }
  }

  /** Only after a tick that found nothing: a lock taken and freed in a loop starts no timers. */
  private void stopTicking() {
    planning.lock();
    try {
      ticking = false;
      unplan();
    } finally {
      planning.unlock();
    }
    if (!claims.isEmpty()) {
      keepTicking(engine.now(), 0); // one came in between, and saw the plan that is no more
    }
  }

  private void unplan() {
    planning.lock();
    try {
      Plan old = plan;
      plan = null;
      if (old != null) {
        old.run.cancel(false);
      }
    } finally {
      planning.unlock();
    }
  }
}
