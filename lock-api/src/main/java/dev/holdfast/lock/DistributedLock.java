package dev.holdfast.lock;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A named lock shared by every process that uses the same store and name.
 *
 * <p><b>Promise.</b> The store grants a name to one handle at a time. A holder is told of a loss
 * before the store can grant the name again, within the limits that CONTRACT.md, L1, states per
 * store. A process paused between its last check and its next effect can still act late, which is
 * what {@link LockHandle#fencingToken()} is for.
 *
 * <p><b>Threads.</b> Safe for concurrent use, and without state of its own: two of one client and
 * name are equal. Not reentrant: a thread that holds the lock and asks for it again waits for
 * itself. {@link ReentrantDistributedLock} makes a reentrant {@link
 * java.util.concurrent.locks.Lock} of it.
 *
 * <p><b>Memory.</b> What a thread did before it released a handle happens-before what follows the
 * next acquire of that name through the same client. Between JVMs only the guarded resource gives
 * order.
 *
 * <p><b>Failures.</b> All ways to acquire may throw {@link LockRefusedException} if an operator has
 * switched the lock off, {@link LockConfigurationException} if this can never work, {@link
 * LockBackendException} if the store failed, and {@link IllegalStateException} if the client is
 * closed. While the store is away, those that wait try again until the wait ends and then throw
 * {@link LockBackendException}: never an empty answer, never a timeout. Whatever is thrown, nothing
 * is held; a claim that may have reached the store is withdrawn, or ends with its lease.
 */
public interface DistributedLock {

  /** The name, without the client's prefix. */
  String name();

  /**
   * Waits for the lock for as long as it takes.
   *
   * @throws InterruptedException if interrupted; a half-made claim is withdrawn
   */
  @CheckReturnValue
  LockHandle acquire() throws InterruptedException;

  /**
   * Waits for the lock, at most {@code maxWait}.
   *
   * @param maxWait measured on the monotonic clock; zero asks once
   * @throws LockTimeoutException if somebody else held the lock throughout; says who, if the store
   *     tells
   * @throws InterruptedException if interrupted; a half-made claim is withdrawn
   * @throws IllegalArgumentException if {@code maxWait} is negative or longer than 100 years
   */
  @CheckReturnValue
  LockHandle acquire(Duration maxWait) throws InterruptedException;

  /**
   * Asks once, and does not wait for a holder; waits for the store's answer at most for the
   * client's operation timeout.
   *
   * @return the handle, or empty if somebody else holds the lock, or waits for it in this client
   * @throws InterruptedException if interrupted; a half-made claim is withdrawn
   */
  @CheckReturnValue
  Optional<LockHandle> tryAcquire() throws InterruptedException;

  /**
   * Waits for the lock, at most {@code maxWait}.
   *
   * @param maxWait measured on the monotonic clock; zero asks once
   * @return the handle, or empty if somebody else held the lock throughout
   * @throws InterruptedException if interrupted; a half-made claim is withdrawn
   * @throws IllegalArgumentException if {@code maxWait} is negative or longer than 100 years
   */
  @CheckReturnValue
  Optional<LockHandle> tryAcquire(Duration maxWait) throws InterruptedException;

  /**
   * Waits for the lock without a thread.
   *
   * @return completes with the handle, on the callback executor. Cancelling it, or completing it in
   *     any other way ({@link CompletableFuture#orTimeout} for instance), withdraws the claim at
   *     the store too; a grant that comes too late is given back. Fails as {@link #acquire()}
   *     throws
   */
  @CheckReturnValue
  CompletableFuture<LockHandle> acquireAsync();

  /**
   * Who holds the lock, for people and logs: out of date as soon as it is read.
   *
   * @throws LockBackendException if the store failed
   */
  Optional<LockHolder> holder();

  /**
   * Waits for the lock, does the work, releases the lock. If the lock is lost meanwhile, the thread
   * is interrupted.
   *
   * @throws LockLostException if the lock was lost and the work threw nothing but an {@link
   *     InterruptedException}; if it threw something else, that is thrown, with the loss suppressed
   *     in it
   * @throws E if the work throws it
   * @throws InterruptedException if interrupted by somebody else
   */
  default <E extends Exception> void run(LockedRunnable<E> work) throws E, InterruptedException {
    call(
        held -> {
          work.run(held);
          return this;
        });
  }

  /**
   * The same as {@link #run} for work that has a result.
   *
   * @throws LockLostException if the lock was lost, as in {@link #run}
   * @throws E if the work throws it
   * @throws InterruptedException if interrupted by somebody else
   */
  <T, E extends Exception> T call(LockedCallable<T, E> work) throws E, InterruptedException;

  /**
   * Does the work if the lock is free: {@link #tryRun(Duration, LockedRunnable)} with a wait of
   * zero.
   *
   * @return false if it was not done, because somebody else held the lock
   * @throws LockLostException if the lock was lost, as in {@link #run}
   * @throws E if the work throws it
   * @throws InterruptedException if interrupted by somebody else
   */
  @CheckReturnValue
  default <E extends Exception> boolean tryRun(LockedRunnable<E> work)
      throws E, InterruptedException {
    return tryRun(Duration.ZERO, work);
  }

  /**
   * Does the work if the lock can be had within {@code maxWait}.
   *
   * @param maxWait as for {@link #tryAcquire(Duration)}; zero asks once
   * @return false if it was not done, because somebody else held the lock throughout
   * @throws LockLostException if the lock was lost, as in {@link #run}
   * @throws E if the work throws it
   * @throws InterruptedException if interrupted by somebody else
   */
  @CheckReturnValue
  default <E extends Exception> boolean tryRun(Duration maxWait, LockedRunnable<E> work)
      throws E, InterruptedException {
    return tryCall(
            maxWait,
            held -> {
              work.run(held);
              return this;
            })
        .isPresent();
  }

  /**
   * Does the work if the lock is free: {@link #tryCall(Duration, LockedCallable)} with a wait of
   * zero.
   *
   * @return the result, or empty if the work was not done
   * @throws LockLostException if the lock was lost, as in {@link #run}
   * @throws E if the work throws it
   * @throws InterruptedException if interrupted by somebody else
   */
  @CheckReturnValue
  default <T, E extends Exception> Optional<T> tryCall(LockedCallable<T, E> work)
      throws E, InterruptedException {
    return tryCall(Duration.ZERO, work);
  }

  /**
   * The same as {@link #tryRun(Duration, LockedRunnable)} for work that has a result.
   *
   * @param maxWait as for {@link #tryAcquire(Duration)}; zero asks once
   * @return the result, or empty if the work was not done
   * @throws LockLostException if the lock was lost, as in {@link #run}
   * @throws E if the work throws it
   * @throws InterruptedException if interrupted by somebody else
   */
  @CheckReturnValue
  <T, E extends Exception> Optional<T> tryCall(Duration maxWait, LockedCallable<T, E> work)
      throws E, InterruptedException;
}
