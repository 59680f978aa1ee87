package dev.holdfast.lock.spi;

import dev.holdfast.lock.LockHolder;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The store's answer to a claim. */
public sealed interface ClaimOutcome {

  /**
   * The name is the claim's.
   *
   * <p>{@code asOf} carries the one inequality that everything stands on: the store cannot give the
   * name away before {@code asOf + validFor}. A claim that is found to be granted already (an
   * earlier answer was lost) is refreshed at the store by this call, or answered with the {@code
   * asOf} of the call that made the store start to count, or with what is left of it by the store's
   * clock, which this call has read.
   *
   * @param fencingToken positive; greater than that of every earlier grant of this name
   * @param validFor how long the store keeps the name for this claim, counted from {@code asOf}
   * @param asOf the {@link Ticker}'s time read <em>before</em> the request was sent that made the
   *     store start to count: this one where the claim itself starts the lease, the last answered
   *     renewal of the session where the claim lives under one. A grant that the store pushes must
   *     bring along which request it counts from: the client may have heard a younger answer by the
   *     time at which a late push arrives, and that says nothing about this grant
   */
  record Granted(long fencingToken, Duration validFor, long asOf) implements ClaimOutcome {
    /** Refuses what cannot be a grant. */
    public Granted {
      if (fencingToken <= 0) {
        throw new IllegalArgumentException("fencing token must be positive: " + fencingToken);
      }
    }
  }

  /**
   * Somebody else has the name. Of a claim that {@linkplain Claim#queue() queues} the store may now
   * hold a place in its queue, until it is granted or released.
   *
   * @param next completes when the store has something to say: a grant, or another {@code Waiting}
   *     with {@code lookAgainIn} zero for "ask again now". Never completes where the store cannot
   *     wake anybody
   * @param lookAgainIn the longest that asking again may be put off: the remaining lease of the
   *     holder, if nothing else is known. The engine asks earlier, by its own polling rules. Only
   *     where {@link LockCapabilities#queue()} is true and {@code next} can complete is this the
   *     last word: then it is the price of a lost wake-up (CONTRACT.md, W3), so at most the
   *     client's poll interval, unless {@link LockBackend#renew}, which waiting claims take part
   *     in, finds a grant that was not heard of and completes {@code next} with it
   * @param holder who has it, where the store tells
   */
  record Waiting(
      CompletionStage<ClaimOutcome> next, Duration lookAgainIn, Optional<LockHolder> holder)
      implements ClaimOutcome {

    private static final CompletionStage<ClaimOutcome> NEVER =
        new CompletableFuture<ClaimOutcome>().minimalCompletionStage();

    /** Waiting at a store that wakes nobody. */
    public static Waiting poll(Duration lookAgainIn, Optional<LockHolder> holder) {
      return new Waiting(NEVER, lookAgainIn, holder);
    }

    /** "Ask again now": what {@code next} completes with when a wake-up carries no grant. */
    public static Waiting askAgain() {
      return poll(Duration.ZERO, Optional.empty());
    }

    /** True if {@link #next} can complete; such a stage must not be hung callbacks upon. */
    public boolean wakes() {
      return next != NEVER;
    }
  }

  /**
   * An operator has switched the name off. Nothing of the claim is at the store.
   *
   * @param message says so, and how to switch it on
   */
  record Refused(String message) implements ClaimOutcome {}
}
