package dev.holdfast.lock;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * One grant of a lock: the unit of ownership.
 *
 * <p><b>Promise.</b> {@link #isHeld()} is false, and every {@link #onLost} listener has been handed
 * to its executor, before the store can grant the name to anybody else (CONTRACT.md, L1, which also
 * says what cannot be told first). A handle goes from held to lost or to released, once, and never
 * back. A process that is paused between its last check and its next effect can still act late:
 * {@link #fencingToken()} is for that.
 *
 * <p><b>Threads.</b> Safe for concurrent use; not bound to the thread that acquired it.
 *
 * <p><b>Memory.</b> What happened before {@link #release()} happens-before what follows the next
 * acquire of that name through the same client. Between JVMs only the guarded resource gives order.
 *
 * <p>A handle without listeners that becomes unreachable without a release is released by the
 * client within about two renewal periods of its collection, with a warning in the log.
 */
public interface LockHandle extends AutoCloseable {

  /** The name of the lock, without the client's prefix. */
  String lockName();

  /**
   * A positive number that is greater than that of every earlier grant of this name, fixed for the
   * life of the handle, lost or not (CONTRACT.md, F1 and F2). A resource that remembers the
   * greatest token it has seen, and refuses smaller ones, is safe even from a holder that was
   * paused.
   */
  long fencingToken();

  /**
   * Whether the lock is held now. Local and conservative: true means held; computed from the clock
   * at every call, so it is right in the first instruction after a pause.
   */
  boolean isHeld();

  /** How long the lock is certain to be held without a further renewal; zero if it is not held. */
  Duration remaining();

  /**
   * Does nothing if the lock is held.
   *
   * @throws LockLostException if it was lost
   * @throws IllegalStateException if it was released
   */
  void ensureHeld();

  /**
   * Does nothing if the lock is certain to be held for {@code margin} from now: to ask before an
   * effect that takes that long.
   *
   * @param margin zero or more; more than the {@link #lease()} can never be certain
   * @throws LockLostException if it was lost, or could be lost by then
   * @throws IllegalStateException if it was released
   * @throws IllegalArgumentException if {@code margin} is negative or not below the lease
   */
  void ensureHeld(Duration margin);

  /** The lease in effect, which the store may have made longer or shorter than asked for. */
  Duration lease();

  /**
   * Runs {@code listener} on the client's callback executor when the lock is lost: exactly once, at
   * once if it is lost already, never if it is released before. In it {@link #isHeld()} is false.
   * What it throws is logged.
   */
  void onLost(Consumer<? super LockLoss> listener);

  /**
   * Completes, on the callback executor, when the lock is lost; never if it is released before. The
   * Done channel for code that composes futures.
   */
  CompletionStage<LockLoss> lost();

  /**
   * Gives the lock up: {@link #isHeld()} is false before the store hears of it. Idempotent; from
   * any thread, also an interrupted one, whose flag stays set. Waits for the store's answer at most
   * for the client's operation timeout.
   *
   * @return the same for every call
   */
  ReleaseResult release();

  /**
   * The same as {@link #release()} without a wait: {@link #isHeld()} is false when this returns.
   *
   * @return completes with the result of {@link #release()}; never fails
   */
  CompletableFuture<ReleaseResult> releaseAsync();

  /** The same as {@link #release()}: throws nothing for a lost lock. */
  @Override
  void close();
}
