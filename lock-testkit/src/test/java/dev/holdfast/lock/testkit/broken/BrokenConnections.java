package dev.holdfast.lock.testkit.broken;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** What silence, failures and outages are taken for. Only the fault contract sees these. */
final class BrokenConnections {

  private BrokenConnections() {}

  /** A2 violated: no answer in time is taken for "still mine". */
  static LockBackend timeoutIsARenewal(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      @Override
      public void renew(Collection<? extends Claim> claims) {
        long asked = context.ticker().read();
        super.renew(claims);
        var unused =
            context
                .timer()
                .schedule(
                    () -> claims.forEach(claim -> renewed(claim, claim.lease(), asked)),
                    150,
                    TimeUnit.MILLISECONDS);
      }
    };
  }

  /** A2 violated: a connection that is there again is taken for "still mine". */
  static LockBackend failureIsARenewal(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      @Override
      public void renew(Collection<? extends Claim> claims) {
        try {
          super.renew(claims);
        } catch (BackendFailure e) {
          claims.forEach(claim -> renewed(claim, claim.lease(), context.ticker().read()));
        }
      }
    };
  }

  /** A2 violated the other way round: one failure, and all is given up. */
  static LockBackend failureIsALoss(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      @Override
      public void renew(Collection<? extends Claim> claims) {
        try {
          super.renew(claims);
        } catch (BackendFailure e) {
          claims.forEach(claim -> gone(claim, LossReason.SESSION_LOST));
        }
      }
    };
  }

  /** One renewal that fails is the last. */
  static LockBackend failureEndsRenewals(LockBackendFactory healthy, BackendContext context) {
    Set<Claim> ended = ConcurrentHashMap.newKeySet();
    return new BrokenBackend(healthy, context) {
      @Override
      public void renew(Collection<? extends Claim> claims) {
        try {
          super.renew(claims.stream().filter(claim -> !ended.contains(claim)).toList());
        } catch (BackendFailure e) {
          ended.addAll(claims);
        }
      }
    };
  }

  /**
   * A grant that is found to be there already is taken for a fresh one. It is not renewed either: a
   * renewal that comes before the black hole would make up for what is wrong.
   */
  static LockBackend foundAgainIsFresh(LockBackendFactory healthy, BackendContext context) {
    Set<Claim> asked = ConcurrentHashMap.newKeySet();
    Set<Claim> found = ConcurrentHashMap.newKeySet();
    return new BrokenBackend(healthy, context) {
      @Override
      public void renew(Collection<? extends Claim> claims) {
        super.renew(claims.stream().filter(claim -> !found.contains(claim)).toList());
      }

      @Override
      public CompletionStage<ClaimOutcome> claim(Claim claim) {
        if (asked.add(claim)) {
          return super.claim(claim);
        }
        long now = context.ticker().read();
        return healthy
            .inspect(claim.name())
            .thenCompose(
                view ->
                    view.holder()
                        .filter(holder -> holder.description().equals(claim.description()))
                        .<CompletionStage<ClaimOutcome>>map(
                            mine -> {
                              found.add(claim);
                              long token = mine.fencingToken().orElseThrow();
                              return CompletableFuture.completedFuture(
                                  new Granted(token, claim.lease(), now));
                            })
                        .orElseGet(() -> super.claim(claim)));
      }
    };
  }

  /** What was not answered was not done: there is nothing to give back. */
  static LockBackend ghostAfterALostReply(LockBackendFactory healthy, BackendContext context) {
    Set<Claim> answered = ConcurrentHashMap.newKeySet();
    return new BrokenBackend(healthy, context) {
      @Override
      public CompletionStage<ClaimOutcome> claim(Claim claim) {
        return super.claim(claim)
            .thenApply(
                outcome -> {
                  answered.add(claim);
                  return outcome;
                });
      }

      @Override
      public CompletionStage<ReleaseOutcome> release(Claim claim) {
        return answered.contains(claim)
            ? super.release(claim)
            : CompletableFuture.completedFuture(ReleaseOutcome.NOT_HELD);
      }
    };
  }

  /** A release that got no answer is repeated by name, whoever has it by then. */
  static LockBackend repeatedReleaseIsByName(
      LockBackendFactory healthy, BackendContext context, Defect.Shared shared) {
    Set<Claim> asked = ConcurrentHashMap.newKeySet();
    return new BrokenBackend(healthy, context) {
      @Override
      public CompletionStage<ReleaseOutcome> release(Claim claim) {
        if (!asked.add(claim)) {
          shared.store.revoke(claim.name());
        }
        return super.release(claim);
      }
    };
  }

  /** What has failed once never finds its store again. */
  static LockBackend neverConnectsAgain(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      private volatile boolean failed;

      @Override
      public CompletionStage<ClaimOutcome> claim(Claim claim) {
        return failed
            ? CompletableFuture.failedFuture(
                BackendFailure.transientFailure("connection closed", null))
            : super.claim(claim)
                .whenComplete((outcome, failure) -> failed = failed || failure != null);
      }
    };
  }

  /** The store confirms what it keeps in memory alone. */
  static LockBackend restartForgets(
      LockBackendFactory healthy, BackendContext context, Defect.Shared shared) {
    return new BrokenBackend(healthy, context) {
      @Override
      public CompletionStage<ClaimOutcome> claim(Claim claim) {
        shared.forgottenByARestart.add(claim.name());
        return super.claim(claim);
      }
    };
  }
}
