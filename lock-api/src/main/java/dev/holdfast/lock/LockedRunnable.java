package dev.holdfast.lock;

/**
 * Work to do while a lock is held.
 *
 * @param <E> what the work throws of its own
 */
@FunctionalInterface
public interface LockedRunnable<E extends Exception> {

  /**
   * Does the work. The thread is interrupted when the lock is lost.
   *
   * @param held the lock; released by the caller
   * @throws E as the work pleases
   * @throws InterruptedException when interrupted, by the loss of the lock or by somebody else
   */
  void run(LockHandle held) throws E, InterruptedException;
}
