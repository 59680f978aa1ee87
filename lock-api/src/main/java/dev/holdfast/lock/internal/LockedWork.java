package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockedCallable;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Work under a lock on the caller's thread, interrupted when the lock is lost.
 *
 * <p>The interruption must hit the work and nothing after it: {@code guard} is held while the
 * interrupt is sent, and by the worker when it says that it is done.
 */
final class LockedWork {

  private final Thread worker = Thread.currentThread();
  private final ReentrantLock guard = new ReentrantLock();
  private boolean done;
  private boolean interrupted;

  private LockedWork() {}

  static <T, E extends Exception> T call(LockHandle held, LockedCallable<T, E> work)
      throws E, InterruptedException {
    try (held) {
      LockedWork state = new LockedWork();
      held.onLost(state::interrupt);
      return state.run(held, work);
    }
  }

  private <T, E extends Exception> T run(LockHandle held, LockedCallable<T, E> work)
      throws E, InterruptedException {
    T result;
    try {
      result = work.call(held);
    } catch (InterruptedException e) {
      LockLostException loss = finish(held);
      if (loss == null) {
        throw e;
      }
      loss.addSuppressed(e);
      throw loss;
    } catch (Throwable e) {
      LockLostException loss = finish(held);
      if (loss != null) {
        e.addSuppressed(loss);
      }
      throw e;
    }
    LockLostException loss = finish(held);
    if (loss != null) {
      throw loss; // also where the work did not notice it, or its notice has not run yet
    }
    return Objects.requireNonNull(result, "the work must not return null; use run()");
  }

  private void interrupt(LockLoss loss) {
    guard.lock();
    try {
      if (!done) {
        interrupted = true;
        worker.interrupt();
      }
    } finally {
      guard.unlock();
    }
  }

  /** No interrupt from here on, and one that nobody consumed is taken back; tells the loss. */
  private @Nullable LockLostException finish(LockHandle held) {
    guard.lock();
    try {
      done = true;
      if (interrupted) {
        boolean unused = Thread.interrupted();
      }
    } finally {
      guard.unlock();
    }
    try {
      held.ensureHeld();
      return null;
    } catch (LockLostException e) {
      return e;
    } catch (IllegalStateException e) {
      return null; // released by the work itself, which is its right
    }
  }
}
