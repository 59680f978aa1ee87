package dev.holdfast.lock;

/**
 * Work with a result to do while a lock is held.
 *
 * @param <T> the result
 * @param <E> what the work throws of its own
 */
@FunctionalInterface
public interface LockedCallable<T, E extends Exception> {

  /**
   * Does the work. The thread is interrupted when the lock is lost.
   *
   * @param held the lock; released by the caller
   * @return the result, not null
   * @throws E as the work pleases
   * @throws InterruptedException when interrupted, by the loss of the lock or by somebody else
   */
  T call(LockHandle held) throws E, InterruptedException;
}
