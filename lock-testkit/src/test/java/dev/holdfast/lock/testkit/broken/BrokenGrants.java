package dev.holdfast.lock.testkit.broken;

import static java.util.concurrent.CompletableFuture.completedFuture;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Refused;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockRecords;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.memory.MemoryStore;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** Records, names and tokens that are mixed up. */
final class BrokenGrants {

  private BrokenGrants() {}

  /** A plain delete: whoever has the name loses it. */
  static LockBackend releaseDeletesAnybody(
      LockBackendFactory healthy, BackendContext context, MemoryStore store) {
    return new BrokenBackend(healthy, context) {
      @Override
      public CompletionStage<ReleaseOutcome> release(Claim claim) {
        return super.release(claim)
            .thenApply(
                outcome -> {
                  store.revoke(claim.name());
                  return ReleaseOutcome.RELEASED;
                });
      }
    };
  }

  /** An upsert where there should be an update: a renewal brings back what was deleted. */
  static LockBackend renewalRecreates(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      @Override
      void gone(Claim claim, LossReason reason) {
        var unused =
            claim(claim)
                .thenAccept(
                    outcome -> {
                      if (outcome instanceof Granted granted) {
                        renewed(claim, granted.validFor(), granted.asOf());
                      } else {
                        super.gone(claim, reason);
                      }
                    });
      }
    };
  }

  /** An unconditional write: a renewal takes the name from its successor. */
  static LockBackend renewalSteals(
      LockBackendFactory healthy, BackendContext context, MemoryStore store) {
    return new BrokenBackend(healthy, context) {
      @Override
      void gone(Claim claim, LossReason reason) {
        store.revoke(claim.name());
        var unused = claim(claim);
        super.gone(claim, reason);
      }
    };
  }

  /** The owner is the client, not the claim. */
  static LockBackend claimIsItsClient(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      @Override
      Claim disguise(Claim claim) {
        return new Guise(claim) {
          @Override
          public String id() {
            return context.clientId();
          }
        };
      }
    };
  }

  /** Every request has a new id: a claim that asks again is a stranger, and stands twice. */
  static LockBackend claimIsItsRequest(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      @Override
      Claim disguise(Claim claim) {
        return new Request(claim);
      }

      @Override
      public CompletionStage<ClaimOutcome> claim(Claim claim) {
        ((Request) atStore(claim)).number++;
        return super.claim(claim);
      }
    };
  }

  private static final class Request extends Guise {
    private int number;

    Request(Claim claim) {
      super(claim);
    }

    @Override
    public String id() {
      return super.id() + "-" + number;
    }
  }

  /** Names that the store cannot keep apart. */
  static LockBackend namesMapped(
      LockBackendFactory healthy, BackendContext context, UnaryOperator<String> mapping) {
    return new BrokenBackend(healthy, context) {
      @Override
      Claim disguise(Claim claim) {
        return new Guise(claim) {
          @Override
          public String name() {
            return mapping.apply(super.name());
          }
        };
      }
    };
  }

  static LockBackend namesWithoutCase(LockBackendFactory healthy, BackendContext context) {
    return namesMapped(healthy, context, name -> name.toLowerCase(Locale.ROOT));
  }

  static LockBackend namesPadded(LockBackendFactory healthy, BackendContext context) {
    return namesMapped(healthy, context, String::stripTrailing);
  }

  static LockBackend namesHashed(LockBackendFactory healthy, BackendContext context) {
    return namesMapped(healthy, context, name -> Integer.toHexString(name.hashCode()));
  }

  /** Asks once, and stays in the queue. */
  static LockBackend askingOnceQueues(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      @Override
      Claim disguise(Claim claim) {
        return new Guise(claim) {
          @Override
          public boolean queue() {
            return true;
          }
        };
      }
    };
  }

  /** The token is drawn when the claim arrives, not when it is granted. */
  static LockBackend tokenBeforeTheGrant(
      LockBackendFactory healthy, BackendContext context, AtomicLong tokens) {
    Map<Claim, Long> drawn = new ConcurrentHashMap<>();
    return new BrokenBackend(healthy, context) {
      @Override
      public CompletionStage<ClaimOutcome> claim(Claim claim) {
        drawn.computeIfAbsent(claim, unknown -> tokens.incrementAndGet());
        return super.claim(claim);
      }

      @Override
      Granted granted(Claim claim, Granted granted) {
        return new Granted(drawn.get(claim), granted.validFor(), granted.asOf());
      }
    };
  }

  /** The token is counted up by releases, so a takeover repeats it. */
  static LockBackend tokenRepeatedByATakeOver(
      LockBackendFactory healthy, BackendContext context, AtomicLong releases) {
    return new BrokenBackend(healthy, context) {
      @Override
      public CompletionStage<ReleaseOutcome> release(Claim claim) {
        return super.release(claim)
            .thenApply(
                outcome -> {
                  releases.incrementAndGet();
                  return outcome;
                });
      }

      @Override
      Granted granted(Claim claim, Granted granted) {
        return new Granted(releases.get() + 1, granted.validFor(), granted.asOf());
      }
    };
  }

  /** The counter lives in the record and goes with it. */
  static LockBackend tokenRestarts(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      @Override
      Granted granted(Claim claim, Granted granted) {
        return new Granted(1, granted.validFor(), granted.asOf());
      }
    };
  }

  /** The switch is stored, and ignored. */
  static LockBackend refusalIgnored(LockBackendFactory healthy, BackendContext context) {
    return new BrokenBackend(healthy, context) {
      @Override
      public CompletionStage<ClaimOutcome> claim(Claim claim) {
        LockRecords records = healthy.records().orElseThrow();
        return super.claim(claim)
            .thenCompose(
                outcome -> {
                  if (!(outcome instanceof Refused)) {
                    return completedFuture(outcome);
                  }
                  return records
                      .setEnabled(claim.name(), true)
                      .thenCompose(on -> super.claim(claim))
                      .thenCompose(
                          second ->
                              records.setEnabled(claim.name(), false).thenApply(off -> second));
                });
      }
    };
  }
}
