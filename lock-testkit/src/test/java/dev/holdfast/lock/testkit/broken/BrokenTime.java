package dev.holdfast.lock.testkit.broken;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockBackendFactory;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;

/** Leases that the engine trusts for too long, and losses that it is not told of. */
final class BrokenTime {

  private BrokenTime() {}

  /** A1 violated: the instant is read when the answer has come, not before the request. */
  static LockBackend deadlineFromTheReply(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      @Override
      Granted granted(Claim claim, Granted granted) {
        return new Granted(granted.fencingToken(), granted.validFor(), context.ticker().read());
      }

      @Override
      void renewed(Claim claim, Duration validFor, long asOf) {
        super.renewed(claim, validFor, context.ticker().read());
      }
    };
  }

  /** A1 violated for pushes only: a hand-over is taken for a fresh lease. */
  static LockBackend deadlineFromThePush(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      @Override
      ClaimOutcome waiting(Claim claim, Waiting waiting) {
        return new Waiting(
            waiting.next().thenApply(this::fresh), waiting.lookAgainIn(), waiting.holder());
      }

      private ClaimOutcome fresh(ClaimOutcome outcome) {
        return outcome instanceof Granted granted
            ? new Granted(granted.fencingToken(), granted.validFor(), context.ticker().read())
            : outcome;
      }
    };
  }

  /** Says that the store keeps the name longer than it does. */
  static LockBackend validForTooLong(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      private Duration longer(Duration validFor) {
        return validFor.multipliedBy(5).dividedBy(4);
      }

      @Override
      Granted granted(Claim claim, Granted granted) {
        return new Granted(granted.fencingToken(), longer(granted.validFor()), granted.asOf());
      }

      @Override
      void renewed(Claim claim, Duration validFor, long asOf) {
        super.renewed(claim, longer(validFor), asOf);
      }
    };
  }

  /** Reports renewals that were never sent. */
  static LockBackend renewalWithoutAsking(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      @Override
      public void renew(Collection<? extends Claim> claims) {
        claims.forEach(claim -> renewed(claim, claim.lease(), context.ticker().read()));
      }
    };
  }

  /** Takes an answer of "not yours" for no answer. */
  static LockBackend goneNeverTold(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      @Override
      void gone(Claim claim, LossReason reason) {}
    };
  }

  /** A7 violated: instants are those of the wall clock. */
  static LockBackend wallClock(LockBackendFactory healthy, BackendContext context) {
    long ahead = aheadOf(context);
    return new BrokenBackend(healthy, context) {
      private long byTheWall(long asOf) {
        return asOf + aheadOf(context) - ahead;
      }

      @Override
      Granted granted(Claim claim, Granted granted) {
        return new Granted(granted.fencingToken(), granted.validFor(), byTheWall(granted.asOf()));
      }

      @Override
      void renewed(Claim claim, Duration validFor, long asOf) {
        super.renewed(claim, validFor, byTheWall(asOf));
      }
    };
  }

  private static long aheadOf(BackendContext context) {
    return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - context.ticker().read();
  }

  /** One record that is gone makes the whole batch fail, and all others with it. */
  static LockBackend batchFailsAsAWhole(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      private boolean failed;

      @Override
      void gone(Claim claim, LossReason reason) {
        failed = true;
        super.gone(claim, reason);
      }

      @Override
      void renewed(Claim claim, Duration validFor, long asOf) {
        if (!failed) {
          super.renewed(claim, validFor, asOf);
        }
      }
    };
  }
}
