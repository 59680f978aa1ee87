package dev.holdfast.lock.internal;

import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.spi.LockBackend.HandOver;
import dev.holdfast.lock.spi.LockCapabilities.LeaseScope;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the store that a claim is over, and goes on telling it until it has answered.
 *
 * <p>A release that got lost would block everybody until the lease ends, and under a session for as
 * long as the client lives. So one that is not answered is repeated: until the lease has run out
 * where each lock has its own, until the client is closed where all live under a session.
 */
final class Releases {

  private static final Logger LOG = LoggerFactory.getLogger(Releases.class);

  /** Of a blocking store's releases in the background: more would only queue at its connections. */
  private static final int AT_ONCE = 32;

  private final Engine engine;
  private final Backlog background;

  Releases(Engine engine) {
    this.engine = engine;
    this.background = new Backlog(engine, AT_ONCE);
  }

  /** Releases a hold that was given up, and waits for the answer. */
  ReleaseResult now(Hold hold, CompletableFuture<ReleaseResult> result) {
    // The flag would make drivers fail before they have sent anything (CONTRACT.md, R2).
    boolean interrupted = Thread.interrupted();
    long end = System.nanoTime() + engine.operationTimeout; // for the call, if it blocks, as well
    try {
      start(hold, result);
      return await(result, end);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Releases a hold that was given up, without a wait. */
  void later(Hold hold, CompletableFuture<ReleaseResult> result) {
    if (engine.capabilities.blocking()) {
      engine.work(() -> start(hold, result));
    } else {
      start(hold, result);
    }
    if (!result.isDone()) {
      var timeout =
          engine.schedule(
              () -> result.complete(ReleaseResult.UNCONFIRMED), engine.operationTimeout);
      Stages.whenDone(result, (done, failure) -> timeout.cancel(false));
    }
  }

  /** Waits for the result, but not for longer than one operation may take; keeps the flag. */
  ReleaseResult await(CompletableFuture<ReleaseResult> result) {
    return await(result, System.nanoTime() + engine.operationTimeout);
  }

  private ReleaseResult await(CompletableFuture<ReleaseResult> result, long end) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return result.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (TimeoutException e) {
          result.complete(ReleaseResult.UNCONFIRMED);
        } catch (ExecutionException e) {
          throw new AssertionError("the result of a release never fails", e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void start(Hold hold, CompletableFuture<ReleaseResult> result) {
    engine.renewals.remove(hold.claim);
    Attempt release = open(hold.claim);
    Stages.whenDone(release.done, (outcome, failure) -> finish(hold, result, release, outcome));
    sendAndPassOn(hold.claim, release);
  }

  /**
   * Sends the release; with a local waiter, release and next claim together (one round trip per
   * hand-over), unless the name has been kept from the other clients for too long.
   */
  private void sendAndPassOn(EngineClaim from, Attempt release) {
    String name = from.name();
    boolean offer = engine.mustOffer(name);
    boolean alone = offer || engine.queues.isUncontended(name);
    Acquisition next = alone ? null : engine.queues.next(name, true);
    while (next != null && !next.takeTurn()) {
      next = engine.queues.next(name, true);
    }
    Acquisition.Ask ask = next == null ? null : next.prepareHandOver();
    if (next != null && ask != null) {
      handOver(from, release, next, ask);
      return;
    }
    release.send(null);
    if (next == null) { // else it has ended in its turn, and passed the turn on
      engine.passOn(name, offer);
    }
  }

  private void handOver(EngineClaim from, Attempt release, Acquisition next, Acquisition.Ask ask) {
    HandOver answers = answersOf(from, ask.claim());
    release.send(Stages.of(answers::released));
    next.listenTo(ask, Stages.of(answers::claimed));
  }

  private HandOver answersOf(EngineClaim from, EngineClaim to) {
    try {
      return engine.backend.handOver(from, to);
    } catch (Throwable e) {
      return new HandOver(CompletableFuture.failedFuture(e), CompletableFuture.failedFuture(e));
    }
  }

  private void finish(
      Hold hold,
      CompletableFuture<ReleaseResult> result,
      Attempt release,
      @Nullable ReleaseOutcome outcome) {
    ReleaseResult meaning =
        outcome == null
            ? ReleaseResult.UNCONFIRMED
            // "Nothing there" after an unanswered try: that one did it.
            : outcome == ReleaseOutcome.RELEASED || release.isRepeated()
                ? ReleaseResult.RELEASED
                : ReleaseResult.ALREADY_LOST;
    result.complete(meaning);
    engine.released(hold, meaning);
  }

  /** Takes back a claim that nobody wants any more, in the background. */
  CompletableFuture<ReleaseOutcome> withdraw(EngineClaim claim) {
    Attempt attempt = open(claim);
    if (engine.capabilities.blocking()) {
      background.execute(attempt::sendInTime);
    } else {
      attempt.send(null);
    }
    return attempt.done;
  }

  /** Begins an attempt; from now on a client that closes waits for it. */
  private Attempt open(EngineClaim claim) {
    Attempt attempt = new Attempt(claim);
    engine.overdue.add(attempt);
    Stages.whenDone(attempt.done, (outcome, failure) -> engine.overdue.remove(attempt));
    return attempt;
  }

  /** One claim to be released, however many tries it takes. */
  private final class Attempt extends Overdue.Pending {

    private final EngineClaim claim;
    private final boolean leaseEndsIt;
    private final long giveUpAt;
    final CompletableFuture<ReleaseOutcome> done = new CompletableFuture<>();
    private final AtomicInteger number = new AtomicInteger(1);
    private volatile long sentAt;
    private volatile boolean onItsWay;

    Attempt(EngineClaim claim) {
      this.claim = claim;
      this.leaseEndsIt = engine.capabilities.leaseScope() == LeaseScope.LOCK;
      this.giveUpAt = engine.now() + claim.lease().toNanos();
    }

    boolean isRepeated() {
      return number.get() > 1;
    }

    /** Sends a try, or takes {@code sent} for the first one. */
    void send(@Nullable CompletionStage<ReleaseOutcome> sent) {
      int mine = number.get();
      sentAt = engine.now();
      onItsWay = true;
      CompletionStage<ReleaseOutcome> stage =
          sent != null ? sent : Stages.of(() -> engine.backend.release(claim));
      Stages.whenDone(stage, (outcome, failure) -> answered(mine, outcome, failure));
    }

    private void answered(int mine, @Nullable ReleaseOutcome outcome, @Nullable Throwable failure) {
      if (outcome != null) {
        done.complete(outcome);
      } else {
        retry(mine, failure == null ? new NullPointerException("no outcome") : failure);
      }
    }

    @Override
    boolean isOverdue(long now) {
      return onItsWay && now - sentAt > engine.operationTimeout && !done.isDone();
    }

    @Override
    void overdue() {
      int mine = number.get();
      if (isOverdue(engine.now())) {
        retry(mine, Failures.unanswered("release", engine.operationTimeout));
      }
    }

    /** Repeats the try of this number, unless that was decided before. */
    private void retry(int mine, Throwable failure) {
      if (!number.compareAndSet(mine, mine + 1)) {
        return;
      }
      onItsWay = false;
      long wait = engine.retryDelay(mine);
      if (engine.isEnded() || (leaseEndsIt && isFutile(failure, wait))) {
        LOG.debug("Release of {} was never confirmed; its lease ends it", claim, failure);
        done.completeExceptionally(failure);
        return;
      }
      LOG.debug("Release of {} failed, to be repeated", claim, failure);
      engine.later(() -> background.execute(this::sendInTime), wait);
    }

    /** Sends a try that had to wait, unless the lease, or the client, has ended meanwhile. */
    void sendInTime() {
      if (engine.isEnded() || (leaseEndsIt && engine.now() - giveUpAt > 0)) {
        done.completeExceptionally(Failures.unanswered("release", claim.lease().toNanos()));
      } else {
        send(null);
      }
    }

    /**
     * Under a session nothing is: what is not released there blocks the name as long as it lives.
     */
    private boolean isFutile(Throwable failure, long wait) {
      return Failures.isDefinite(Failures.unwrap(failure)) || engine.now() + wait - giveUpAt > 0;
    }
  }
}
