package dev.holdfast.lock.testkit.broken;

import static java.util.concurrent.CompletableFuture.completedFuture;

import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.time.Duration;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waiters that are served wrongly, and calls that answer wrongly. */
final class BrokenQueues {

  private BrokenQueues() {}

  /** A claim that gave up stays in the queue. */
  static LockBackend withdrawalForgotten(LockBackendFactory healthy, BackendContext context) {
    Set<Claim> granted = ConcurrentHashMap.newKeySet();
    return new BrokenBackend(healthy, context) {
      @Override
      Granted granted(Claim claim, Granted grant) {
        granted.add(claim);
        return grant;
      }

      @Override
      public CompletionStage<ReleaseOutcome> release(Claim claim) {
        return granted.contains(claim)
            ? super.release(claim)
            : completedFuture(ReleaseOutcome.RELEASED);
      }
    };
  }

  /** Declares wake-ups, and none ever comes. */
  static LockBackend wakeUpsLost(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      @Override
      ClaimOutcome waiting(Claim claim, Waiting waiting) {
        return new Waiting(
            new CompletableFuture<ClaimOutcome>(), waiting.lookAgainIn(), waiting.holder());
      }
    };
  }

  /** Whom a release wakes of those who wait, the latest being first. */
  interface Choice {
    void wake(Deque<CompletableFuture<ClaimOutcome>> waiting);
  }

  /** Declares a queue over a store that has none: who is woken, and asks first, gets the lock. */
  private static LockBackend declaredQueue(
      LockBackendFactory polled,
      BackendContext context,
      Map<String, Deque<CompletableFuture<ClaimOutcome>>> waiting,
      Choice choice) {
    return new BrokenBackend(polled, context) {
      @Override
      public LockCapabilities capabilities() {
        return super.capabilities().withQueue();
      }

      @Override
      public CompletionStage<ClaimOutcome> claim(Claim claim) {
        return super.claim(claim).thenApply(outcome -> stay(claim, outcome));
      }

      private ClaimOutcome stay(Claim claim, ClaimOutcome outcome) {
        if (!(outcome instanceof Waiting without) || !claim.queue()) {
          return outcome;
        }
        CompletableFuture<ClaimOutcome> next = new CompletableFuture<>();
        waiting
            .computeIfAbsent(claim.name(), unknown -> new ConcurrentLinkedDeque<>())
            .addFirst(next);
        return new Waiting(next, without.lookAgainIn(), without.holder());
      }

      @Override
      public CompletionStage<ReleaseOutcome> release(Claim claim) {
        return super.release(claim)
            .thenApply(
                outcome -> {
                  choice.wake(waiting.getOrDefault(claim.name(), new ConcurrentLinkedDeque<>()));
                  return outcome;
                });
      }
    };
  }

  /** The last one who came is the first who is served. */
  static LockBackend lastComeFirstServed(
      LockBackendFactory polled,
      BackendContext context,
      Map<String, Deque<CompletableFuture<ClaimOutcome>>> waiting) {
    return declaredQueue(polled, context, waiting, BrokenQueues::wakeTheLatest);
  }

  private static void wakeTheLatest(Deque<CompletableFuture<ClaimOutcome>> waiting) {
    CompletableFuture<ClaimOutcome> latest = waiting.pollFirst();
    if (latest != null) {
      latest.complete(Waiting.askAgain());
    }
  }

  /** All are woken, and one gets the lock. */
  static LockBackend herd(
      LockBackendFactory polled,
      BackendContext context,
      Map<String, Deque<CompletableFuture<ClaimOutcome>>> waiting) {
    return declaredQueue(polled, context, waiting, BrokenQueues::wakeAll);
  }

  private static void wakeAll(Deque<CompletableFuture<ClaimOutcome>> waiting) {
    for (int left = waiting.size(); left > 0; left--) { // those who ask again stand behind them
      waiting.removeLast().complete(Waiting.askAgain());
    }
  }

  /** The answer comes first, the deed later. */
  static LockBackend releaseAnsweredTooEarly(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      @Override
      public CompletionStage<ReleaseOutcome> release(Claim claim) {
        var unused =
            context.timer().schedule(() -> super.release(claim), 30, TimeUnit.MILLISECONDS);
        return completedFuture(ReleaseOutcome.RELEASED);
      }
    };
  }

  /** A thread that outlives its client. */
  static LockBackend threadLeft(LockBackendFactory healthy, BackendContext context) {
    Thread thread = new Thread(BrokenQueues::sleepForAMinute, "left-behind");
    thread.setDaemon(true);
    thread.start();
    return new BrokenBackend(healthy, context) {};
  }

  private static void sleepForAMinute() {
    try {
      boolean unused = new CountDownLatch(1).await(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Shows every name as free. */
  static LockBackend inspectionLies(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      @Override
      public CompletionStage<LockView> inspect(String name) {
        return completedFuture(LockView.FREE);
      }
    };
  }

  /** The store keeps a shorter lease than was asked for, and the backend does not say so. */
  static LockBackend leaseIgnored(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      @Override
      Claim disguise(Claim claim) {
        return new Guise(claim) {
          @Override
          public Duration lease() {
            return super.lease().dividedBy(2);
          }
        };
      }

      @Override
      Granted granted(Claim claim, Granted granted) {
        return new Granted(granted.fencingToken(), claim.lease(), granted.asOf());
      }

      @Override
      void renewed(Claim claim, Duration validFor, long asOf) {
        super.renewed(claim, claim.lease(), asOf);
      }
    };
  }
}
