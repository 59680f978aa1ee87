package dev.holdfast.lock;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * A {@link DistributedLock} as a reentrant {@link Lock}, for code that asks for one.
 *
 * <pre>{@code
 * ReentrantDistributedLock lock = ReentrantDistributedLock.over(locks.lock("nightly-report"));
 * lock.lock();
 * try {
 *   lock.handle().onLost(loss -> report.cancel());
 *   store.save(report, lock.handle().fencingToken());
 * } finally {
 *   lock.unlock();
 * }
 * }</pre>
 *
 * <p><b>Promise.</b> That of {@link DistributedLock}; besides, a thread that holds the lock may
 * take it again without asking the store, and gives it up with the last of as many unlocks. All
 * adapters over locks of one client and name are the same lock. A lock can be lost, which {@link
 * Lock} knows nothing of: {@link #handle()} tells, and {@link #isHeldByCurrentThread()} is false
 * from then on. What a thread asks for after that is a new acquisition with a token of its own, and
 * no re-entry; the unlocks that it owes from before then do nothing.
 *
 * <p><b>Threads.</b> Safe for concurrent use, by virtual threads too. The thread that locked must
 * unlock; where another one has to, use {@link LockHandle}, which is bound to none. Handles that
 * were acquired by other means do not count: a thread that has one waits for itself here. When a
 * thread ends without unlocking, its lock is released as a forgotten {@link LockHandle} is, unless
 * somebody listens to it or keeps it.
 *
 * <p><b>Memory.</b> What a thread did before it unlocked happens-before what follows the next
 * acquire of that name through the same client. Between JVMs only the guarded resource gives order.
 * An adapter has no state of its own, and a thread keeps nothing of a lock that it has unlocked.
 *
 * <p><b>Failures.</b> All ways to acquire throw as those of {@link DistributedLock} do: a store
 * that is away is never an answer of {@code false}.
 */
public final class ReentrantDistributedLock implements Lock {

  /** The longest wait that a {@link DistributedLock} takes; whoever means more waits for ever. */
  private static final Duration LONGEST = Duration.ofDays(36_525);

  /**
   * What the thread holds, and so reachable from the thread alone: with it the handle dies, and is
   * released. Never an empty map, so that pooled threads keep nothing of this library.
   */
  private static final ThreadLocal<@Nullable Map<DistributedLock, Hold>> HOLDS =
      new ThreadLocal<>();

  private final DistributedLock lock;

  private ReentrantDistributedLock(DistributedLock lock) {
    this.lock = lock;
  }

  /** One grant, and those before it which were lost with unlocks still owed. */
  private static final class Hold {

    final LockHandle handle;
    final @Nullable Hold lostBefore;
    int count = 1;

    Hold(LockHandle handle, @Nullable Hold lostBefore) {
      this.handle = handle;
      this.lostBefore = lostBefore;
    }
  }

  /** The reentrant form of {@code lock}. Cheap, no I/O. */
  @CheckReturnValue
  public static ReentrantDistributedLock over(DistributedLock lock) {
    return new ReentrantDistributedLock(lock);
  }

  /** The name of the lock, without the client's prefix. */
  public String name() {
    return lock.name();
  }

  /**
   * Waits for the lock for as long as it takes, also while the store is away. An interrupt does not
   * end the wait, but costs the place among those that wait; the flag is set afterwards.
   */
  @Override
  public void lock() {
    if (!reenter()) {
      hold(uninterruptibly(lock::acquire));
    }
  }

  /**
   * Waits for the lock for as long as it takes.
   *
   * @throws InterruptedException if interrupted, before or meanwhile
   */
  @Override
  public void lockInterruptibly() throws InterruptedException {
    checkInterrupt();
    if (!reenter()) {
      hold(lock.acquire());
    }
  }

  /**
   * Asks once; waits for the store's answer at most for the client's operation timeout. An
   * interrupt does not end it; the flag is set afterwards.
   *
   * @return false if somebody else holds the lock, or waits for it in this client
   */
  @Override
  public boolean tryLock() {
    return reenter() || heldIf(uninterruptibly(lock::tryAcquire));
  }

  /**
   * Waits for the lock, at most for {@code time}.
   *
   * @param time measured on the monotonic clock; zero or less asks once, more than 100 years is for
   *     as long as it takes
   * @return false if somebody else held the lock throughout
   * @throws InterruptedException if interrupted, before or meanwhile
   */
  @Override
  public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
    checkInterrupt();
    if (reenter()) {
      return true;
    }
    if (unit.toDays(time) >= LONGEST.toDays()) {
      hold(lock.acquire());
      return true;
    }
    return heldIf(lock.tryAcquire(Duration.of(Math.max(0, time), unit.toChronoUnit())));
  }

  /**
   * Takes back one {@link #lock()} of this thread, and with the last one gives up the lock. Throws
   * nothing for a lock that was lost, so that it hides no exception of the body: ask {@link
   * LockHandle#ensureHeld()} before an effect. {@link LockHandle#release()} of the {@link
   * #handle()} tells what became of the release, before or after this.
   *
   * @throws IllegalMonitorStateException if this thread owes no unlock
   */
  @Override
  public void unlock() {
    Hold hold = owed();
    if (--hold.count > 0) {
      return;
    }
    keep(hold.lostBefore); // before the release: whatever becomes of it, it was unlocked
    hold.handle.close();
  }

  /**
   * Not supported: nothing at the store could carry a signal to another process.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public Condition newCondition() {
    throw new UnsupportedOperationException(
        "%s has no conditions: a signal would have to reach threads of other processes"
            .formatted(this));
  }

  /**
   * The grant that this thread's last {@link #lock()} stands on, lost or not: with the fencing
   * token, {@link LockHandle#onLost} and {@link LockHandle#ensureHeld()}. A re-entry shares it.
   *
   * @throws IllegalMonitorStateException if this thread owes no unlock
   */
  public LockHandle handle() {
    return owed().handle;
  }

  /** Whether this thread holds the lock now; false once it is lost. No I/O. */
  public boolean isHeldByCurrentThread() {
    Hold hold = held();
    return hold != null && hold.handle.isHeld();
  }

  /**
   * How many unlocks will give the lock up; zero if this thread does not hold it. For a lock that
   * was lost this is zero, though the unlocks that are still owed may be made.
   */
  public int getHoldCount() {
    Hold hold = held();
    return hold != null && hold.handle.isHeld() ? hold.count : 0;
  }

  // What this thread holds.

  private boolean reenter() {
    Hold hold = held();
    if (hold == null || !hold.handle.isHeld()) {
      return false;
    }
    hold.count = Math.incrementExact(hold.count);
    return true;
  }

  private boolean heldIf(Optional<LockHandle> granted) {
    granted.ifPresent(this::hold);
    return granted.isPresent();
  }

  private void hold(LockHandle handle) {
    keep(new Hold(handle, held()));
  }

  private @Nullable Hold held() {
    Map<DistributedLock, Hold> holds = HOLDS.get();
    return holds == null ? null : holds.get(lock);
  }

  private Hold owed() {
    Hold hold = held();
    if (hold == null) {
      throw new IllegalMonitorStateException(
          "%s is not locked by thread %s".formatted(this, Thread.currentThread().getName()));
    }
    return hold;
  }

  private void keep(@Nullable Hold hold) {
    Map<DistributedLock, Hold> holds = HOLDS.get();
    if (holds == null) {
      holds = new HashMap<>();
      HOLDS.set(holds);
    }
    if (hold != null) {
      holds.put(lock, hold);
    } else {
      holds.remove(lock);
    }
    if (holds.isEmpty()) {
      HOLDS.remove();
    }
  }

  // Interrupts.

  private interface Interruptible<T> {
    T call() throws InterruptedException;
  }

  private static <T> T uninterruptibly(Interruptible<T> wait) {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return wait.call();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void checkInterrupt() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted before waiting for " + this);
    }
  }

  @Override
  public String toString() {
    return "reentrant " + lock;
  }
}
