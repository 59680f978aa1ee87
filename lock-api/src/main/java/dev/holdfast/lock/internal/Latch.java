package dev.holdfast.lock.internal;

import dev.holdfast.lock.LeaderLatch;
import dev.holdfast.lock.LeaderListener;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.LockView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acquires the lock again and again, and tells the listeners.
 *
 * <p>Guarded by {@code guard}: started, closed, attempt, failures, members. {@code term} is written
 * under it, and read without; it counts once its beginning has come up in the lane, and so after
 * the end of the one before. The callbacks run in the {@link Lane}, the {@code elected} flag of
 * each member is touched only there.
 */
final class Latch implements LeaderLatch {

  private static final Logger LOG = LoggerFactory.getLogger(Latch.class);

  private static final class Member {
    final LeaderListener listener;
    boolean elected;

    Member(LeaderListener listener) {
      this.listener = listener;
    }
  }

  private final NamedLock lock;
  private final Engine engine;
  private final Duration stepDownTimeout;
  private final Set<Latch> open;
  private final Lane lane;
  private final ReentrantLock guard = new ReentrantLock();
  private final Condition changed = guard.newCondition();
  private final List<Member> members = new ArrayList<>();
  private boolean started;
  private boolean closed;
  private int failures;
  private @Nullable CompletableFuture<LockHandle> attempt;
  private volatile @Nullable Term term;
  private volatile boolean muted;

  Latch(NamedLock lock, Duration stepDownTimeout, Set<Latch> open) {
    this.lock = lock;
    this.engine = lock.engine;
    this.stepDownTimeout = stepDownTimeout;
    this.open = open;
    this.lane = new Lane(engine);
  }

  @Override
  public String name() {
    return lock.name();
  }

  // Standing for election.

  @Override
  public void start() {
    guard.lock();
    try {
      if (closed || engine.isClosed()) {
        throw closedException();
      }
      if (started) {
        return;
      }
      started = true;
    } finally {
      guard.unlock();
    }
    open.add(this);
    stand();
    if (engine.isClosed()) { // it may have looked for open ones before this was among them
      var unused = shutDown(LossReason.CLIENT_CLOSED, stepDownNanos());
    }
  }

  private void stand() {
    CompletableFuture<LockHandle> next = new CompletableFuture<>();
    guard.lock();
    try {
      if (closed) {
        return;
      }
      attempt = next;
    } finally {
      guard.unlock();
    }
    Stages.whenDone(next, this::answered);
    Stages.detached(lock.async(next));
  }

  private void answered(@Nullable LockHandle handle, @Nullable Throwable failure) {
    if (handle != null) {
      lead((Handle) handle);
    } else if (!engine.isClosed()) {
      int inARow;
      guard.lock();
      try {
        inARow = closed ? 0 : ++failures;
      } finally {
        guard.unlock();
      }
      if (inARow > 0) {
        standAgain(inARow, failure);
      }
    }
  }

  /** Even what looks permanent may heal: a right granted, a table created, a switch turned on. */
  private void standAgain(int inARow, @Nullable Throwable failure) {
    if (inARow == 1) {
      LOG.warn(
          "Candidate for {} failed, and stands again", lock, Failures.unwrap(nonNull(failure)));
    }
    engine.workLater(this::stand, engine.retryDelay(inARow));
  }

  private static Throwable nonNull(@Nullable Throwable failure) {
    return failure == null ? new IllegalStateException("no answer") : failure;
  }

  private void lead(Handle handle) {
    Term mine = new Term(handle);
    // Listened to before anybody can end it, else the store would be told before the listeners; the
    // end waits for the beginning to have found its place in the lane.
    CompletableFuture<Void> begun = new CompletableFuture<>();
    handle.hold.onLost(loss -> begun.thenCompose(inLane -> end(mine, loss)));
    boolean unwanted;
    guard.lock();
    try {
      failures = 0;
      attempt = null;
      unwanted = closed;
      term = closed ? null : mine;
    } finally {
      guard.unlock();
    }
    if (unwanted) {
      Stages.detached(handle.releaseAsync());
    } else {
      Stages.detached(lane.add(() -> begin(mine)));
    }
    begun.complete(null); // if unwanted, too: else a loss in this moment would wait for ever
  }

  private void begin(Term mine) {
    List<Member> told;
    guard.lock();
    try {
      mine.begin();
      changed.signalAll();
      told = List.copyOf(members);
    } finally {
      guard.unlock();
    }
    told.forEach(member -> elected(mine, member));
  }

  /** Called by whoever finds the loss: first the flag, then the listeners, then the store. */
  private CompletableFuture<?> end(Term ended, LockLoss loss) {
    List<Member> told;
    guard.lock();
    try {
      if (term == ended) {
        term = null;
      }
      told = List.copyOf(members);
    } finally {
      guard.unlock();
    }
    ended.end();
    CompletableFuture<Void> deposed = lane.add(() -> told.forEach(member -> deposed(member, loss)));
    if (loss.reason() == LossReason.STEPPED_DOWN) {
      standBehind((Handle) ended.leadership);
    } else {
      Stages.whenDone(deposed, (done, failure) -> stand());
    }
    return deposed;
  }

  /** Where the store keeps no order, those who stand must have had time to ask. */
  private void standBehind(Handle stepped) {
    long pause = engine.capabilities.queue() ? 0 : engine.options.pollInterval().toNanos() / 2;
    Stages.whenDone(stepped.hold.over(), (done, failure) -> engine.workLater(this::stand, pause));
  }

  private void elected(Term of, Member member) {
    if (!muted && !member.elected) {
      member.elected = of.elected(member.listener);
    }
  }

  private void deposed(Member member, LockLoss loss) {
    if (!muted && member.elected) {
      member.elected = false;
      Term.deposed(member.listener, loss);
    }
  }

  // Questions.

  @Override
  public boolean hasLeadership() {
    return leading() != null;
  }

  @Override
  public Optional<LockHandle> leadership() {
    return Optional.ofNullable(leading()).map(now -> now.leadership);
  }

  private @Nullable Term leading() {
    Term now = term;
    return now != null && now.hasBegun() && now.leadership.isHeld() ? now : null;
  }

  @Override
  public LockHandle await() throws InterruptedException {
    return await(Acquisition.NEVER).orElseThrow();
  }

  @Override
  public Optional<LockHandle> await(Duration maxWait) throws InterruptedException {
    return await(NamedLock.checked(maxWait));
  }

  private Optional<LockHandle> await(long nanos) throws InterruptedException {
    long left = nanos;
    guard.lockInterruptibly();
    try {
      while (true) {
        if (closed) {
          throw closedException();
        }
        if (!started) {
          throw new IllegalStateException("leader latch '%s' is not started".formatted(name()));
        }
        Optional<LockHandle> leadership = leadership();
        if (leadership.isPresent() || left <= 0) {
          return leadership;
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      guard.unlock();
    }
  }

  @Override
  public Optional<LockHolder> leader() {
    return lock.holder();
  }

  @Override
  public List<LockHolder> participants() {
    if (!engine.capabilities.participants()) {
      throw new UnsupportedOperationException(
          engine.capabilities.backend() + " does not tell who stands for election");
    }
    LockView view = engine.inspect(lock);
    List<LockHolder> all = new ArrayList<>(view.holder().stream().toList());
    all.addAll(view.waiting());
    return List.copyOf(all);
  }

  @Override
  public void addListener(LeaderListener listener) {
    Member member = new Member(listener);
    Term now;
    guard.lock();
    try {
      if (closed) {
        throw closedException();
      }
      members.add(member);
      now = term;
    } finally {
      guard.unlock();
    }
    if (now != null) {
      Stages.detached(lane.add(() -> elected(now, member)));
    }
  }

  // The ends.

  @Override
  public void stepDown() {
    if (lane.isCaller()) {
      throw new IllegalStateException(
          "a LeaderListener must not step down: it would wait for itself");
    }
    Term now = term;
    if (now != null
        && ((Handle) now.leadership).hold.lose(LossReason.STEPPED_DOWN, stepDownNanos())) {
      await(((Handle) now.leadership).hold.over());
    }
  }

  @Override
  public void close() {
    CompletableFuture<?> over = shutDown(LossReason.STEPPED_DOWN, stepDownNanos());
    if (!lane.isCaller()) {
      await(over);
    }
    mute();
  }

  /** Ends the latch; the stage completes when the listeners and the store have been told. */
  CompletableFuture<?> shutDown(LossReason reason, long limit) {
    CompletableFuture<LockHandle> standing;
    Term leading;
    guard.lock();
    try {
      closed = true;
      standing = attempt;
      leading = term;
      changed.signalAll();
    } finally {
      guard.unlock();
    }
    open.remove(this);
    if (standing != null) {
      standing.cancel(false);
    }
    CompletableFuture<?> over = CompletableFuture.completedFuture(null);
    if (leading != null) {
      Hold hold = ((Handle) leading.leadership).hold;
      hold.lose(reason, limit);
      over = hold.over();
    }
    return CompletableFuture.allOf(over, lane.add(() -> {}));
  }

  /** No listener is called from now on. */
  void mute() {
    muted = true;
  }

  private long stepDownNanos() {
    return stepDownTimeout.toNanos();
  }

  /** Waits for listeners and store, at most for the time that both may take. */
  private void await(CompletableFuture<?> over) {
    boolean interrupted = false;
    long end = System.nanoTime() + stepDownNanos() + engine.operationTimeout;
    while (true) {
      try {
        over.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        break;
      } catch (InterruptedException e) {
        interrupted = true; // half a step down would leave two leaders possible: go on
      } catch (TimeoutException | ExecutionException e) {
        LOG.warn("Went on without the end of leadership of {} being confirmed", lock);
        break;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private IllegalStateException closedException() {
    return new IllegalStateException("leader latch '%s' is closed".formatted(name()));
  }
}
