package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.ReleaseResult;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The life of one grant: held until a deadline, then lost or released, once and for ever
 * (CONTRACT.md, A3).
 *
 * <p>One atomic reference holds all of it. {@link #isHeld()} computes from the clock, and whoever
 * sees the deadline passed makes the loss final before answering, so that no renewal that comes
 * later can bring the hold back. Nothing here waits, does I/O or runs user code.
 *
 * <p>A weak reference by inheritance, not by a field: with ten thousand locks held, each object
 * counts.
 */
sealed class Hold extends WeakReference<Handle> implements EngineClaim.Owner permits Hold.Traced {

  /** Where the hold stands. */
  sealed interface State permits Held, Lost, Released {}

  /** Ours until the ticker reads {@code deadline}. */
  record Held(long deadline, Duration validFor) implements State {}

  /**
   * Not ours any more.
   *
   * @param told completes when the listeners have returned
   * @param over completes when the store has been told as well
   */
  record Lost(LockLoss loss, CompletableFuture<Void> told, CompletableFuture<Void> over)
      implements State {

    /** False if the store has ended it: there is nothing to be taken back. */
    boolean atStore() {
      return loss.reason() != LossReason.REVOKED && loss.reason() != LossReason.SESSION_LOST;
    }
  }

  /** Given up, and what became of it. */
  record Released(CompletableFuture<ReleaseResult> result) implements State {}

  /** A listener; the stage completes when it has returned. */
  interface LossListener {
    CompletableFuture<?> lost(LockLoss loss);
  }

  /** A list, compared by identity. */
  private static final class Listeners {
    final LossListener listener;
    final @Nullable Listeners next;

    Listeners(LossListener listener, @Nullable Listeners next) {
      this.listener = listener;
      this.next = next;
    }
  }

  /** Ends the list: whoever comes later finds the outcome in the state. */
  private static final Listeners CLOSED =
      new Listeners(loss -> CompletableFuture.completedFuture(null), null);

  private static final AtomicReferenceFieldUpdater<Hold, State> STATE =
      AtomicReferenceFieldUpdater.newUpdater(Hold.class, State.class, "state");

  private static final AtomicReferenceFieldUpdater<Hold, Listeners> LISTENERS =
      AtomicReferenceFieldUpdater.newUpdater(Hold.class, Listeners.class, "listeners");

  final EngineClaim claim;
  final long fencingToken;
  final long grantedAt;
  private volatile State state;
  private volatile @Nullable Listeners listeners;

  Hold(Handle handle, EngineClaim claim, long fencingToken, long now, Held first) {
    super(handle);
    handle.hold = this;
    this.claim = claim;
    this.fencingToken = fencingToken;
    this.grantedAt = now;
    this.state = capped(first);
  }

  NamedLock lock() {
    return claim.lock;
  }

  private Engine engine() {
    return claim.lock.engine;
  }

  /** A hold that knows where it was acquired, for the warning about a forgotten handle. */
  static final class Traced extends Hold {

    private final Throwable stack = new Throwable("acquired here");

    Traced(Handle handle, EngineClaim claim, long fencingToken, long now, Held first) {
      super(handle, claim, fencingToken, now, first);
    }

    @Override
    Throwable acquisition() {
      return stack;
    }
  }

  // What the holder asks.

  boolean isHeld() {
    return remaining() > 0;
  }

  long remaining() {
    while (state instanceof Held held) {
      long left = held.deadline - engine().now();
      if (left > 0) {
        return left;
      }
      expire(held); // makes it final, unless a renewal was quicker: then look again
    }
    return 0;
  }

  Duration lease() {
    return state instanceof Held held ? held.validFor : lock().timing.lease();
  }

  void ensureHeld(long margin) {
    long left = remaining();
    if (left > margin) {
      return;
    }
    String backend = engine().capabilities.backend();
    State now = state;
    if (now instanceof Lost lost) {
      throw new LockLostException(lost.loss, backend, (Throwable) null);
    }
    if (now instanceof Released) {
      throw new IllegalStateException("lock '%s' was released".formatted(lock().name()));
    }
    throw new LockLostException(
        loss(LossReason.EXPIRED),
        backend,
        "lock '%s' (%s), fencing token %d, is certain for %s only, not for %s"
            .formatted(
                lock().name(),
                backend,
                fencingToken,
                Duration.ofNanos(left),
                Duration.ofNanos(margin)));
  }

  // What the store says.

  @Override
  public long patience() {
    return engine().operationTimeout;
  }

  @Override
  public void renewed(Duration validFor, long asOf) {
    while (state instanceof Held held) {
      long now = engine().now();
      if (now - held.deadline >= 0) {
        expire(held);
        return;
      }
      Timing timing = lock().timing;
      Held later = capped(new Held(timing.deadline(asOf, validFor), timing.shared(validFor)));
      if (later.deadline - held.deadline <= 0) {
        return; // an answer that was overtaken by a later one
      }
      if (STATE.compareAndSet(this, held, later)) {
        engine()
            .observer
            .renewed(lock().name(), fencingToken, Duration.ofNanos(held.deadline - now));
        return;
      }
    }
  }

  @Override
  public void gone(EngineClaim gone, LossReason reason) {
    lose(reason, 0);
  }

  /** The same as {@link #leftAt(long, Executor)}, with all that follows a loss. */
  long leftAt(long now) {
    return leftAt(now, Runnable::run);
  }

  /**
   * What the timer asks: the nanoseconds that are left at this instant. If there are none the loss
   * is made final and told; what is not held has no deadline.
   *
   * @param afterwards is given what else follows a loss
   */
  long leftAt(long now, Executor afterwards) {
    while (state instanceof Held held) {
      long left = held.deadline - now;
      if (left > 0) {
        return left;
      }
      expire(held, afterwards);
    }
    return Acquisition.NEVER;
  }

  private Held capped(Held held) {
    long most = lock().timing.maxHold();
    if (most == Long.MAX_VALUE || held.deadline - grantedAt <= most) {
      return held;
    }
    return new Held(grantedAt + most, held.validFor);
  }

  private void expire(Held held) {
    expire(held, Runnable::run);
  }

  private void expire(Held held, Executor afterwards) {
    long most = lock().timing.maxHold();
    boolean byMaxHold = most != Long.MAX_VALUE && held.deadline - grantedAt >= most;
    LossReason reason = byMaxHold ? LossReason.MAX_HOLD : LossReason.EXPIRED;
    if (STATE.compareAndSet(this, held, lostState(reason))) {
      afterLoss(0, afterwards);
    }
  }

  // The ends.

  /**
   * Ends the hold, unless it has ended. The store is told after the listeners have returned, or
   * after {@code limit} nanoseconds; zero means a lease.
   *
   * @return false if it had ended before
   */
  boolean lose(LossReason reason, long limit) {
    while (state instanceof Held held) {
      if (STATE.compareAndSet(this, held, lostState(reason))) {
        afterLoss(limit, Runnable::run);
        return true;
      }
    }
    return false;
  }

  private Lost lostState(LossReason reason) {
    return new Lost(loss(reason), new CompletableFuture<>(), new CompletableFuture<>());
  }

  private LockLoss loss(LossReason reason) {
    return new LockLoss(lock().name(), fencingToken, reason);
  }

  private void afterLoss(long limit, Executor afterwards) {
    Lost lost = (Lost) state;
    Listeners all = LISTENERS.getAndSet(this, CLOSED);
    CompletableFuture<?> told = CompletableFuture.completedFuture(null);
    for (Listeners at = all; at != null; at = at.next) {
      told = CompletableFuture.allOf(told, at.listener.lost(lost.loss));
    }
    Stages.whenDone(told, (done, failure) -> lost.told.complete(null));
    afterwards.execute(() -> engine().lost(this, lost, all != null, limit));
  }

  /** Completes when the loss is over and done with, at the store too; at once if not lost. */
  CompletableFuture<Void> over() {
    return state instanceof Lost lost ? lost.over : CompletableFuture.completedFuture(null);
  }

  boolean hasEnded() {
    return !(state instanceof Held);
  }

  /** True if it has ended and nothing of it is to be kept, or taken back, at the store. */
  boolean isOver() {
    State now = state;
    return now instanceof Released
        || (now instanceof Lost lost && (lost.over.isDone() || !lost.atStore()));
  }

  void onLost(LossListener listener) {
    while (true) {
      Listeners head = listeners;
      if (head == CLOSED) {
        if (state instanceof Lost lost) {
          Stages.detached(listener.lost(lost.loss));
        }
        return;
      }
      if (LISTENERS.compareAndSet(this, head, new Listeners(listener, head))) {
        long unused = remaining(); // tells it at once of a loss that nobody has noticed so far
        return;
      }
    }
  }

  ReleaseResult release() {
    Released mine = giveUp();
    if (mine != null) {
      return engine().releases.now(this, mine.result);
    }
    return state instanceof Released earlier
        ? engine().releases.await(earlier.result)
        : ReleaseResult.ALREADY_LOST;
  }

  CompletableFuture<ReleaseResult> releaseAsync() {
    Released mine = giveUp();
    if (mine != null) {
      engine().releases.later(this, mine.result);
    }
    return state instanceof Released released
        ? told(released.result)
        : CompletableFuture.completedFuture(ReleaseResult.ALREADY_LOST);
  }

  /** For users: what they hang on it must not run on the timer's or a driver's thread. */
  private CompletableFuture<ReleaseResult> told(CompletableFuture<ReleaseResult> result) {
    if (result.isDone()) {
      return result.copy();
    }
    CompletableFuture<ReleaseResult> told = new CompletableFuture<>();
    Stages.whenDone(
        result,
        (done, failure) ->
            Stages.detached(engine().callback(() -> told.complete(Objects.requireNonNull(done)))));
    return told;
  }

  /** Makes the hold released, if it is held: the store is told after that (CONTRACT.md, A6). */
  private @Nullable Released giveUp() {
    while (state instanceof Held held) {
      if (engine().now() - held.deadline >= 0) {
        expire(held);
      } else {
        Released released = new Released(new CompletableFuture<>());
        if (STATE.compareAndSet(this, held, released)) {
          listeners = CLOSED;
          return released;
        }
      }
    }
    return null;
  }

  // The forgotten handle.

  /**
   * True if nobody can release or watch this hold any more. One that is listened to is kept: its
   * listener refers to the handle.
   */
  boolean isForgotten() {
    return get() == null;
  }

  /** Where it was acquired, if that was recorded. */
  @Nullable Throwable acquisition() {
    return null;
  }

  @Override
  public String toString() {
    return "lock '%s', fencing token %d, %s".formatted(lock().name(), fencingToken, state);
  }
}
