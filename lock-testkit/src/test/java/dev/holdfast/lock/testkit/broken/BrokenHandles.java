package dev.holdfast.lock.testkit.broken;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.ReleaseResult;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Clients that tell their users what is wrong, too late, or too often. */
final class BrokenHandles {

  private static final AtomicLong newest = new AtomicLong();

  private BrokenHandles() {}

  /** A retry that does not know that the first call went through. */
  static LockHandle lossToldTwice(LockHandle healthy) {
    return new BrokenHandle(healthy) {
      @Override
      public void onLost(Consumer<? super LockLoss> listener) {
        super.onLost(listener);
        super.onLost(listener);
      }
    };
  }

  /** The same signal for the end of a hold, however it came about. */
  static LockHandle lossToldAfterARelease(LockHandle healthy) {
    return new BrokenHandle(healthy) {
      private final List<Consumer<? super LockLoss>> listeners = new CopyOnWriteArrayList<>();

      @Override
      public void onLost(Consumer<? super LockLoss> listener) {
        listeners.add(listener);
        super.onLost(listener);
      }

      @Override
      public ReleaseResult release() {
        ReleaseResult result = super.release();
        LockLoss loss = new LockLoss(lockName(), fencingToken(), LossReason.REVOKED);
        listeners.forEach(listener -> listener.accept(loss));
        return result;
      }
    };
  }

  /** The flag is turned when all have been told. */
  static LockHandle heldInsideTheCallback(LockHandle healthy) {
    AtomicBoolean telling = new AtomicBoolean();
    return new BrokenHandle(healthy) {
      @Override
      public void onLost(Consumer<? super LockLoss> listener) {
        super.onLost(
            loss -> {
              telling.set(true);
              listener.accept(loss);
              telling.set(false);
            });
      }

      @Override
      public boolean isHeld() {
        return telling.get() || super.isHeld();
      }
    };
  }

  /** A flag that a thread turns, where it should be computed. */
  static LockHandle heldUntilTold(LockHandle healthy) {
    AtomicBoolean told = new AtomicBoolean();
    healthy.onLost(loss -> told.set(true));
    return new BrokenHandle(healthy) {
      private volatile boolean released;

      @Override
      public boolean isHeld() {
        return !released && !told.get();
      }

      @Override
      public ReleaseResult release() {
        released = true;
        return super.release();
      }

      @Override
      public void close() {
        released = true;
        super.close();
      }
    };
  }

  /** Asks for the token of the name, not of the grant. */
  static LockHandle tokenOfTheNewest(LockHandle healthy) {
    newest.accumulateAndGet(healthy.fencingToken(), Math::max);
    return new BrokenHandle(healthy) {
      @Override
      public long fencingToken() {
        return newest.get();
      }
    };
  }

  /** Says that all went well, whatever was left to release. */
  static LockHandle releaseAlwaysWell(LockHandle healthy) {
    return new BrokenHandle(healthy) {
      @Override
      public ReleaseResult release() {
        super.release();
        return ReleaseResult.RELEASED;
      }
    };
  }

  /** Hides what the body threw. */
  static LockHandle closeThrowsAfterALoss(LockHandle healthy) {
    return new BrokenHandle(healthy) {
      @Override
      public void close() {
        if (super.release() == ReleaseResult.ALREADY_LOST) {
          throw new IllegalStateException("not held: " + lockName());
        }
      }
    };
  }

  /** Takes the interrupt for its own. */
  static LockHandle interruptSwallowed(LockHandle healthy) {
    return new BrokenHandle(healthy) {
      @Override
      public ReleaseResult release() {
        boolean unused = Thread.interrupted();
        return super.release();
      }
    };
  }
}
