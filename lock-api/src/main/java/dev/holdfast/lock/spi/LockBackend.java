package dev.holdfast.lock.spi;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * One client's connection to one store, in the store's own language. No threads, no retries, no
 * policy: those are the engine's.
 *
 * <p><b>Promise.</b> After {@link ClaimOutcome.Granted}, or {@link HoldSink#renewed}, the store
 * gives the name to no other claim before {@code asOf + validFor}, whatever happens to this client;
 * a class comment of the implementation shows why. Tokens of one name strictly increase in grant
 * order.
 *
 * <p><b>Threads.</b> All methods may be called by several threads at once, for one claim one after
 * another, save that {@link #release} may overtake a {@link #claim} that is still unanswered. Where
 * {@link LockCapabilities#blocking()} is false a method returns at once and is called from any
 * thread, the timer's included. Where it is true a method may block its caller, up to {@link
 * Claim#patience()} or the client's operation timeout, and returns completed stages.
 *
 * <p><b>Failures.</b> A stage fails with {@link BackendFailure}, which says whether trying again
 * makes sense; anything else counts as a defect of the backend and is not retried. Contention (a
 * deadlock, a serialization failure, a lost race) is no failure but {@link ClaimOutcome.Waiting}.
 * After a failure the engine takes the outcome for unknown: it calls again with the same claim, or
 * releases it.
 */
public interface LockBackend {

  /** What this store can and cannot do. Constant after the backend was opened; no I/O. */
  LockCapabilities capabilities();

  /**
   * Refuses a name that this store cannot represent, before any I/O. The engine has already checked
   * what holds everywhere: not empty, at most 255 code points, no unpaired surrogate.
   *
   * @throws IllegalArgumentException if distinct names could not be kept distinct
   */
  default void checkName(String name) {}

  /**
   * Asks for the name, or asks again. For a claim that already has it, or has a place in the queue,
   * this is how the engine recovers a lost answer or a lost wake-up, so it must recognise {@link
   * Claim#id()} and must never enter a claim twice.
   */
  CompletionStage<ClaimOutcome> claim(Claim claim);

  /**
   * Extends the leases of these claims, in one request where the store can; the answers go to
   * {@link HoldSink} one by one. Called once per renewal period with everything that is held; where
   * {@link LockCapabilities#queue()} is true, also with every claim that waits. One claim whose
   * renewal is stuck must not keep the others from being answered. Must never re-create a record.
   */
  void renew(Collection<? extends Claim> claims);

  /**
   * Frees the name if it is this claim's, and withdraws the claim if it waits; touches no other
   * claim's record even when it arrives late or twice. The engine repeats it until it is answered.
   * It may even come before its claim does, when an acquisition ends at the moment at which it
   * asks.
   */
  CompletionStage<ReleaseOutcome> release(Claim claim);

  /**
   * Frees the name of {@code from} and asks for it for {@code to}, of the same client: overridden
   * where the store does both in one trip. By default both are sent back to back.
   */
  default HandOver handOver(Claim from, Claim to) {
    return new HandOver(release(from), claim(to));
  }

  /**
   * The two answers of a hand-over.
   *
   * @param released what became of the old claim
   * @param claimed the new claim's outcome
   */
  record HandOver(
      CompletionStage<ReleaseOutcome> released, CompletionStage<ClaimOutcome> claimed) {}

  /** Looks at a name without touching it. */
  CompletionStage<LockView> inspect(String name);

  /** The small persistent record beside each name, where the store has one. */
  default Optional<LockRecords> records() {
    return Optional.empty();
  }

  /**
   * Gives back all that this backend has opened (connections, sessions, threads of the driver), and
   * never what the application lent it. Everything held has been released before.
   *
   * @param limit after which the stage completes even if the store does not answer
   */
  CompletionStage<Void> close(Duration limit);
}
