package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Refused;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One call of acquire, from the first question to the answer: waits its turn in this client, asks
 * the store, asks again when it is woken, when it is time or when an answer was lost, and ends
 * exactly once.
 *
 * <p>At most one question is on its way at a time. Each has a number: an answer that comes after
 * the question was given up for lost still counts if it is a grant, and for nothing else. A grant
 * that finds the acquisition ended, or comes too late to be trusted, is given back (CONTRACT.md,
 * A5).
 *
 * <p>Guarded by {@code guard}: everything that is not final or volatile. The store, the queues and
 * the caller are called outside of it.
 */
final class Acquisition extends Overdue.Pending implements EngineClaim.Owner {

  /** How an acquisition ends. */
  sealed interface Result permits Acquired, Busy, Failed, Disabled, Abandoned, Closed {}

  /** With the lock. */
  record Acquired(LockHandle handle) implements Result {}

  /** Somebody else held it throughout; {@code here} if that is this client. */
  record Busy(Optional<LockHolder> holder, boolean here) implements Result {}

  /** The store failed. */
  record Failed(Throwable failure) implements Result {}

  /** An operator has switched the lock off. */
  record Disabled(String message) implements Result {}

  /** Nobody wants it any more. */
  record Abandoned() implements Result {}

  /** The client was closed. */
  record Closed() implements Result {}

  /**
   * A question to the store.
   *
   * @param claim the claim asked for
   * @param number the how-manieth question of this acquisition
   */
  record Ask(EngineClaim claim, int number) {}

  /** A wait without limit, a deadline that never comes. */
  static final long NEVER = Long.MAX_VALUE;

  /**
   * From here on the timer asks for a waiting thread that has no other reason to wake: to wake it
   * only to set its alarm would be one of three times that it runs for a hand-over.
   */
  private static final long LONG_GAP = 100_000_000;

  /** Of a wait that is nearly over: what the last answer is given all the same (W2's grace). */
  private static final long LEAST_PATIENCE = 200_000_000;

  private final Engine engine;
  private final NamedLock lock;
  private final boolean wait;
  private final boolean limited;
  private final long begun;
  private final long until;
  private final @Nullable CallerThread caller;
  private final Runnable whenDone;
  private final PollSchedule polls;
  private final ReentrantLock guard = new ReentrantLock();
  private @Nullable EngineClaim claim;
  private boolean active;
  private boolean ended;
  private boolean asking;
  private boolean askAgain;
  private int asks;
  private int failures;
  private boolean answered;
  private boolean maybeAtStore;
  private @Nullable Throwable lastFailure;
  private Optional<LockHolder> holder = Optional.empty();
  private @Nullable Future<?> poll;
  private volatile boolean handed;
  private @Nullable Thread
      turning; // compared with the one that reads it, so a stale one does no harm
  private boolean turnReturned; // written and read by that one only
  private volatile long askedAt;
  private volatile long pollAt;
  private volatile @Nullable Result result;

  /**
   * Made but not begun.
   *
   * @param maxWait nanoseconds, zero to ask once, {@link #NEVER} for no limit
   * @param caller the thread that will wait for the result; null if none will
   * @param whenDone run once, when there is a result, by whatever thread made it
   */
  Acquisition(NamedLock lock, long maxWait, @Nullable CallerThread caller, Runnable whenDone) {
    this.engine = lock.engine;
    this.lock = lock;
    this.wait = maxWait > 0;
    this.limited = maxWait != NEVER;
    this.begun = engine.now();
    long limit = maxWait == 0 ? engine.operationTimeout + LEAST_PATIENCE : maxWait;
    this.until = begun + (limited ? limit : NEVER / 2);
    this.pollAt = begun + NEVER / 2;
    this.caller = caller;
    this.whenDone = whenDone;
    this.polls = new PollSchedule(engine);
  }

  NamedLock lock() {
    return lock;
  }

  @Nullable Result result() {
    return result;
  }

  long until() {
    return until;
  }

  /**
   * When the waiting caller gives up: at the end of the wait, and later only for a first answer
   * that may be on its way. Else a wait that is shorter than a round trip would call the store
   * down.
   */
  long giveUpAt() {
    if (engine.virtualTime() || !limited) {
      return until;
    }
    guard.lock();
    try {
      boolean firstIsDue = asking && !answered && lastFailure == null;
      return firstIsDue ? Math.max(until, askedAt + LEAST_PATIENCE) : until;
    } finally {
      guard.unlock();
    }
  }

  boolean isLimited() {
    return limited;
  }

  /** When the waiting caller is to ask again. */
  long pollAt() {
    return pollAt;
  }

  Duration waited() {
    return Duration.ofNanos(engine.now() - begun);
  }

  // The questions.

  /** Takes its place among those of this client; asks if it is the first. */
  void begin() {
    engine.observer.attempted(lock.name());
    engine.overdue.add(this);
    if (engine.isClosed()) {
      finish(new Closed(), false);
    } else if (engine.queues.join(this, wait, begun)) {
      if (!takeTurn()) {
        engine.passOn(lock.storeName, false); // closed just now
      } else if (standsBack()) {
        turnLater();
      } else if (caller != null) {
        ask();
      } else {
        turn();
      }
    } else if (!wait) {
      finish(new Busy(Optional.empty(), true), false);
    }
  }

  /**
   * Makes this the one of its client that asks the store; whoever took it from the queue goes on to
   * the next one if this returns false, because it has ended.
   */
  boolean takeTurn() {
    guard.lock();
    try {
      active = !ended;
      return active;
    } finally {
      guard.unlock();
    }
  }

  /** Asks, as soon as may be: on this very thread, unless asking blocks. */
  void turn() {
    if (engine.capabilities.blocking()) {
      executor().execute(this::ask);
    } else {
      ask();
    }
  }

  /**
   * The same as {@link #turn()}, for one who passes turns on.
   *
   * @return true if it has ended in doing so, and the turn is the caller's again
   */
  boolean turnAndEnd() {
    turning = Thread.currentThread();
    turn();
    turning = null;
    return turnReturned;
  }

  /** Never one that asks once, or whose wait might be over by then. */
  private boolean standsBack() {
    return wait && until - begun > LEAST_PATIENCE && engine.mustStandBack(lock.storeName, begun);
  }

  /** It is this acquisition's turn, but other clients are to have their chance before. */
  void turnLater() {
    askIn(polls.courtesy());
  }

  void ask() {
    Ask ask = prepare();
    if (ask == null) {
      return;
    }
    listenTo(ask, Stages.of(() -> engine.backend.claim(ask.claim)));
  }

  /**
   * Makes the question that goes out together with the release of the one before in this client.
   */
  @Nullable Ask prepareHandOver() {
    handed = true;
    return prepare();
  }

  /** Makes the next question, which the caller sends; null if there is nothing to ask. */
  @Nullable Ask prepare() {
    guard.lock();
    try {
      if (ended || asking) {
        askAgain = true;
        return null;
      }
      if (claim == null) {
        claim = new EngineClaim(lock, wait, this);
      }
      asking = true;
      askAgain = false;
      maybeAtStore = true;
      askedAt = engine.now();
      cancelPoll();
      return new Ask(claim, ++asks);
    } finally {
      guard.unlock();
    }
  }

  void listenTo(Ask ask, CompletionStage<ClaimOutcome> stage) {
    Stages.whenDone(stage, (outcome, failure) -> answered(ask, outcome, failure));
  }

  @Override
  public long patience() {
    long left = until - engine.now();
    return Math.min(engine.operationTimeout, Math.max(left, 0) + LEAST_PATIENCE);
  }

  private Executor executor() {
    return caller != null ? caller : engine::work;
  }

  /** Asks in a while: the waiting thread by its own alarm, or the timer. */
  private void askIn(long nanos) {
    boolean rests = !limited && nanos >= LONG_GAP;
    CallerThread alarm = engine.virtualTime() || rests ? null : caller;
    guard.lock();
    try {
      if (ended) {
        return;
      }
      cancelPoll();
      if (alarm != null) {
        pollAt = engine.now() + nanos;
      } else {
        poll = engine.schedule(() -> executor().execute(this::ask), nanos);
      }
    } finally {
      guard.unlock();
    }
    if (alarm != null) {
      alarm.wake();
    }
  }

  private void cancelPoll() {
    pollAt = begun + NEVER / 2;
    if (poll != null) {
      poll.cancel(false);
      poll = null;
    }
  }

  // The answers.

  private void answered(Ask ask, @Nullable ClaimOutcome outcome, @Nullable Throwable failure) {
    if (outcome == null) {
      failed(ask, Failures.unwrap(failure == null ? new NullPointerException() : failure));
    } else if (outcome instanceof Granted granted) {
      granted(ask.claim, granted);
    } else if (outcome instanceof Waiting waiting) {
      waiting(ask, waiting);
    } else if (outcome instanceof Refused refused) {
      refused(ask.claim, refused);
    }
    settled(ask);
  }

  /** What an answer asks for has been done: one that has ended need not be watched any more. */
  private void settled(Ask ask) {
    boolean over;
    guard.lock();
    try {
      if (ask.number == asks) {
        asking = false;
      }
      over = ended && !asking;
    } finally {
      guard.unlock();
    }
    if (over) {
      engine.overdue.remove(this);
    }
  }

  private void refused(EngineClaim refused, Refused refusal) {
    boolean another;
    guard.lock();
    try {
      another = claim != refused;
      if (!another) {
        asking = false;
        maybeAtStore = false;
      }
    } finally {
      guard.unlock();
    }
    boolean unused = finish(new Disabled(refusal.message()), another);
  }

  private void granted(EngineClaim granted, Granted grant) {
    long now = engine.now();
    long deadline = lock.timing.deadline(grant.asOf(), grant.validFor());
    if (now - deadline >= 0) {
      tooLate(granted);
      return;
    }
    Handle handle = new Handle();
    Hold.Held held = new Hold.Held(deadline, lock.timing.shared(grant.validFor()));
    long token = grant.fencingToken();
    Hold hold =
        engine.options.leakDetection()
            ? new Hold.Traced(handle, granted, token, now, held)
            : new Hold(handle, granted, token, now, held);
    if (!win(granted, hold)) {
      withdrawUnlessAcquired(granted);
      return;
    }
    engine.queues.granted(this, handed, now);
    engine.granted(hold, now - begun);
    publish(new Acquired(handle));
  }

  private boolean win(EngineClaim granted, Hold hold) {
    guard.lock();
    try {
      if (ended || claim != granted) {
        return false;
      }
      ended = true;
      granted.owner = hold;
      cancelPoll();
      return true;
    } finally {
      guard.unlock();
    }
  }

  /** Makes the end known, after all else that belongs to it: the caller may act upon it at once. */
  private void publish(Result end) {
    result = end;
    if (!isAsking()) { // else the answer may still have to be taken back
      engine.overdue.remove(this);
    }
    if (caller != null) {
      caller.wake();
    }
    whenDone.run();
  }

  /** Gives back a grant that could end before its holder is told, and begins anew. */
  private void tooLate(EngineClaim granted) {
    boolean mine;
    int inARow;
    guard.lock();
    try {
      mine = !ended && claim == granted;
      if (mine) {
        claim = null;
        asking = false;
        answered = false;
        maybeAtStore = false;
        lastFailure = Failures.unanswered("claim", lock.timing.lease().toNanos());
        failures++;
      }
      inARow = failures;
    } finally {
      guard.unlock();
    }
    removeFromRenewals(granted);
    withdrawUnlessAcquired(granted);
    if (mine && wait) {
      askIn(polls.afterFailure(inARow));
    } else if (mine) {
      finish(new Failed(Failures.unanswered("claim", lock.timing.lease().toNanos())), false);
    }
  }

  private void waiting(Ask ask, Waiting waiting) {
    boolean late;
    boolean again = false;
    boolean first = false;
    guard.lock();
    try {
      late = ended || ask.claim != claim;
      if (!late && ask.number != asks) {
        return; // a later question is on its way, or answered
      }
      if (!late) {
        handed = false; // whatever follows comes from the store, not from this client
        asking = false;
        first = !answered;
        answered = true;
        failures = 0;
        lastFailure = null;
        holder = waiting.holder();
        maybeAtStore = wait && engine.capabilities.queue();
        again = askAgain;
      }
    } finally {
      guard.unlock();
    }
    if (late) {
      // The withdrawal overtook the question: what that may have left is taken back once more.
      if (wait && engine.capabilities.queue()) {
        withdrawUnlessAcquired(ask.claim);
      }
      return;
    }
    if (!wait) {
      finish(new Busy(waiting.holder(), false), false);
      return;
    }
    if (first) {
      firstWait(ask.claim, waiting);
    }
    if (again) {
      turn();
      return;
    }
    askIn(polls.afterWaiting(waiting, engine.now()));
    if (waiting.wakes()) {
      CompletableFuture<ClaimOutcome> next = waiting.next().toCompletableFuture();
      boolean already = next.isDone();
      Stages.whenDone(next, (outcome, failure) -> woken(ask, outcome, already));
    }
  }

  private void firstWait(EngineClaim waiting, Waiting answer) {
    engine.observer.waiting(lock.name(), answer.holder());
    if (engine.capabilities.queue()) {
      engine.renewals.addWaiting(waiting, lock.timing.period());
      if (isOutOfDate(waiting)) {
        removeFromRenewals(waiting);
      }
    }
  }

  private boolean isAsking() {
    guard.lock();
    try {
      return asking;
    } finally {
      guard.unlock();
    }
  }

  private boolean isOutOfDate(EngineClaim old) {
    guard.lock();
    try {
      return ended || claim != old;
    } finally {
      guard.unlock();
    }
  }

  private static void removeFromRenewals(EngineClaim left) {
    if (!(left.owner instanceof Hold hold) || hold.isOver()) {
      left.lock.engine.renewals.remove(left);
    }
  }

  /** The store has something to say; {@code already} if it said so together with its answer. */
  private void woken(Ask ask, @Nullable ClaimOutcome outcome, boolean already) {
    if (outcome instanceof Granted granted) {
      granted(ask.claim, granted);
    } else if (outcome instanceof Refused refused) {
      refused(ask.claim, refused);
    } else {
      guard.lock();
      try {
        if (ask.number != asks) {
          return; // asked again since, and that answer knows more
        }
      } finally {
        guard.unlock();
      }
      if (already) {
        askIn(PollSchedule.soon()); // neither a recursion nor a loop without a pause
      } else {
        turn();
      }
    }
  }

  private void failed(Ask ask, Throwable failure) {
    int inARow;
    boolean late;
    guard.lock();
    try {
      late = ended || ask.claim != claim;
      if (!late) {
        if (ask.number != asks) {
          return;
        }
        asking = false;
        lastFailure = failure;
        failures++;
      }
      inARow = failures;
    } finally {
      guard.unlock();
    }
    if (late) {
      withdrawUnlessAcquired(ask.claim); // it may have arrived after the withdrawal
    } else if (wait && Failures.isTransient(failure)) {
      engine.troubled(lock.name(), failure);
      askIn(polls.afterFailure(inARow));
    } else {
      finish(new Failed(failure), !Failures.isDefinite(failure));
    }
  }

  @Override
  public void renewed(Duration validFor, long asOf) {
    // The place in the queue lives on: nothing that this acquisition counts by.
  }

  @Override
  public void gone(EngineClaim gone, LossReason reason) {
    if (gone.owner instanceof Hold hold) {
      hold.gone(gone, reason); // granted while the news was on its way
    } else if (!isOutOfDate(gone)) {
      executor().execute(this::ask);
    }
  }

  @Override
  boolean isOverdue(long now) {
    return overdueAsk(now) != null;
  }

  @Override
  void overdue() {
    Ask overdue = overdueAsk(engine.now());
    if (overdue != null) {
      failed(overdue, Failures.unanswered("claim", engine.operationTimeout));
      settled(overdue);
    }
  }

  private @Nullable Ask overdueAsk(long now) {
    guard.lock();
    try {
      // A blocking call keeps its own time; if it does not, a second one beside it cannot harm.
      long allowed = engine.operationTimeout * (engine.capabilities.blocking() ? 2 : 1);
      return asking && claim != null && now - askedAt > allowed ? new Ask(claim, asks) : null;
    } finally {
      guard.unlock();
    }
  }

  // The end.

  /** Ends because the wait is over: by contention, or by a store that was away at the end. */
  void timeOut(long now) {
    Acquisition asker = engine.queues.asking(lock.storeName);
    // Where it never was this one's turn, what kept the others waiting kept it waiting too.
    finish(asker == null ? new Busy(Optional.empty(), true) : asker.verdict(now), true);
  }

  private Result verdict(long now) {
    guard.lock();
    try {
      if (lastFailure != null) {
        return new Failed(lastFailure);
      }
      long unanswered = now - askedAt;
      if (asking && (!answered || unanswered > engine.options.pollInterval().toNanos())) {
        return new Failed(Failures.unanswered("claim", unanswered));
      }
      return new Busy(holder, false);
    } finally {
      guard.unlock();
    }
  }

  /** Ends because nobody wants the lock any more; false if it has ended before. */
  boolean abandon() {
    return finish(new Abandoned(), true);
  }

  /** Ends because the client is closed; the hold, if it was granted before. */
  @Nullable Hold closed() {
    if (finish(new Closed(), true)) {
      return null;
    }
    guard.lock();
    try {
      return claim != null && claim.owner instanceof Hold hold ? hold : null;
    } finally {
      guard.unlock();
    }
  }

  /** Ends without the lock, and takes back what may be at the store. */
  private boolean finish(Result without, boolean unknown) {
    EngineClaim mine;
    boolean left;
    boolean wasActive;
    guard.lock();
    try {
      if (ended) {
        return false;
      }
      ended = true;
      mine = claim;
      left = maybeAtStore && (unknown || asking);
      wasActive = active;
      cancelPoll();
    } finally {
      guard.unlock();
    }
    if (mine != null) {
      removeFromRenewals(mine);
      if (left) {
        Stages.detached(engine.releases.withdraw(mine));
      }
    }
    if (wasActive && turning == Thread.currentThread()) {
      turnReturned = true;
    } else if (wasActive) {
      engine.passOn(lock.storeName, false);
    } else {
      engine.queues.withdraw(this);
    }
    engine.observer.notAcquired(lock.name(), waited());
    publish(without);
    return true;
  }

  /** Takes back what a late answer tells of, unless it is what its hold lives on. */
  private void withdrawUnlessAcquired(EngineClaim left) {
    if (!(left.owner instanceof Hold hold) || hold.isOver()) {
      Stages.detached(engine.releases.withdraw(left));
    }
  }
}
