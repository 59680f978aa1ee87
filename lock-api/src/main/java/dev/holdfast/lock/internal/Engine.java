package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockObserver;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClientEnvironment;
import dev.holdfast.lock.spi.HoldSink;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.spi.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the parts of one client share: the backend, the clock, the threads, and each other.
 *
 * <p>Nothing here holds a lock while it calls another part; ARCHITECTURE.md says which thread runs
 * what.
 */
final class Engine implements BackendContext, HoldSink {

  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

  /**
   * How long a name may go from hand to hand inside this client, or come back to it, where the
   * store keeps no queue: some dozens of hand-overs, and no more than a tenth is lost by standing
   * back after it.
   */
  static final long TURN = 50_000_000;

  /** When a thread is asked for again where none could be had. */
  private static final long THREAD_RETRY = 100_000_000;

  final LockClientOptions options;
  final LockBackend backend;
  final LockCapabilities capabilities;
  final LockObserver observer;
  final Failures failures;
  final String description;
  final long operationTimeout;
  final LocalQueues queues = new LocalQueues();
  final Renewals renewals = new Renewals(this);
  final Releases releases = new Releases(this);
  private final Turns turns = new Turns();
  final Overdue overdue;
  private final Backlog aftermath = new Backlog(this, 2);
  private final ClientEnvironment environment;
  private final String clientId;
  private final AtomicLong claims = new AtomicLong();
  private volatile boolean closed;
  private volatile boolean ended;

  Engine(
      LockBackendFactory factory,
      LockClientOptions options,
      ClientEnvironment environment,
      String clientId) {
    this.options = options;
    this.environment = environment;
    this.clientId = clientId;
    this.description = options.description().orElseGet(HostName::ofThisProcess);
    this.observer = SafeObserver.of(options.observer());
    this.operationTimeout = options.operationTimeout().toNanos();
    this.overdue = new Overdue(this, operationTimeout);
    this.backend = factory.open(this);
    this.capabilities = backend.capabilities();
    this.failures = new Failures(capabilities.backend());
  }

  // What a backend is lent.

  @Override
  public Ticker ticker() {
    return environment.ticker();
  }

  @Override
  public ScheduledExecutorService timer() {
    return environment.timer();
  }

  @Override
  public Executor workers() {
    return environment.workers();
  }

  @Override
  public RandomGenerator random() {
    return environment.random();
  }

  @Override
  public HoldSink holds() {
    return this;
  }

  @Override
  public LockClientOptions options() {
    return options;
  }

  @Override
  public String clientId() {
    return clientId;
  }

  @Override
  public void renewed(Claim claim, Duration validFor, long asOf) {
    if (claim instanceof EngineClaim own) {
      own.owner.renewed(validFor, asOf);
    }
  }

  @Override
  public void gone(Claim claim, LossReason reason) {
    if (claim instanceof EngineClaim own) {
      own.owner.gone(own, reason);
    }
  }

  // Time, threads and chance.

  long now() {
    return environment.ticker().read();
  }

  boolean virtualTime() {
    return environment.virtualTime();
  }

  /** From zero to {@code bound}, exclusive. */
  long random(long bound) {
    return bound <= 1 ? 0 : environment.random().nextLong(bound);
  }

  /** Runs {@code task} on the timer's thread; a task of a client that has ended is dropped. */
  Future<?> schedule(Runnable task, long nanos) {
    try {
      return environment.timer().schedule(task, Math.max(0, nanos), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedFuture(null);
    }
  }

  /** The same as {@link #schedule} for what is never cancelled. */
  void later(Runnable task, long nanos) {
    Future<?> unused = schedule(task, nanos);
  }

  /** Runs what may block, and all that calls the store. */
  void work(Runnable task) {
    Runnable safely =
        () -> {
          try {
            task.run();
          } catch (Throwable e) {
            LOG.error("A defect of Holdfast: a worker failed", e);
          }
        };
    try {
      environment.workers().execute(safely);
    } catch (Throwable e) {
      if (ended) {
        LOG.debug("Dropped, for the client has ended: {}", task);
      } else {
        // Out of threads, most likely. What is left undone here would block a name for ever.
        LOG.warn("No worker could be had; asked for again soon", e);
        later(() -> work(task), THREAD_RETRY);
      }
    }
  }

  /** The same as {@link #work}, in a while: the timer itself calls no store. */
  void workLater(Runnable task, long nanos) {
    later(() -> work(task), nanos);
  }

  /** Runs a user's code; the stage completes when it has returned or thrown, and never fails. */
  CompletableFuture<Void> callback(Runnable task) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Runnable safely =
        () -> {
          try {
            task.run();
          } catch (Throwable e) {
            LOG.warn("A listener threw; ignored", e);
          } finally {
            done.complete(null);
          }
        };
    try {
      environment.callbacks().execute(safely);
    } catch (Throwable e) {
      // A user's executor that was shut down must not silence a loss.
      if (ended) {
        safely.run();
      } else {
        LOG.warn("The callback executor refused a listener; it runs on a worker", e);
        work(safely);
      }
    }
    return done;
  }

  long nextClaimNumber() {
    return claims.incrementAndGet();
  }

  long retryDelay(int tries) {
    return new PollSchedule(this).afterFailure(tries);
  }

  // What happens to locks.

  void granted(Hold hold, long waited) {
    NamedLock lock = hold.lock();
    renewals.add(hold.claim, lock.timing.period(), hold.grantedAt);
    if (hold.hasEnded()) {
      renewals.remove(hold.claim); // ended before it was added
    }
    observer.granted(lock.name(), hold.fencingToken, Duration.ofNanos(waited));
    LOG.debug("Granted: {}", hold);
  }

  /** Sends one round of renewals; never on the timer's thread, which a driver might hold up. */
  void renew(Collection<? extends Claim> due) {
    work(
        () -> {
          try {
            backend.renew(due);
          } catch (Throwable e) {
            LOG.debug("A renewal of {} claims failed; the next round follows", due.size(), e);
          }
        });
  }

  void released(Hold hold, ReleaseResult result) {
    if (isPolled()) {
      turns.left(hold.lock().storeName, hold.grantedAt, now());
    }
    if (observer != LockObserver.NONE) { // the clock is a tenth of what a release costs
      observer.released(
          hold.lock().name(), hold.fencingToken, result, Duration.ofNanos(now() - hold.grantedAt));
    }
    LOG.debug("{}: {}", result, hold);
  }

  /**
   * What follows a loss that was just made final and handed to its listeners. The store is told
   * when they have returned, or after the limit: until then the holder has the time that is left of
   * the lease, and all of it where it steps down or is closed, for then renewals go on.
   */
  void lost(Hold hold, Hold.Lost lost, boolean heard, long limit) {
    LockLoss loss = lost.loss();
    boolean renewing =
        loss.reason() == LossReason.CLIENT_CLOSED || loss.reason() == LossReason.STEPPED_DOWN;
    if (!renewing) {
      renewals.remove(hold.claim);
    }
    // The rest writes logs and calls the store: not on the timer, where others wait for their
    // notice.
    aftermath.execute(
        () -> {
          if (!renewing) {
            passOn(hold.claim.name(), false);
          }
          observer.lost(loss);
          log(loss, heard, renewing);
          long wait = limit > 0 ? limit : hold.lock().timing.lease().toNanos();
          Stages.whenDone(
              within(lost.told(), wait)
                  .thenComposeAsync(told -> takeBack(hold, lost.atStore()), aftermath),
              (done, failure) -> {
                if (renewing) {
                  passOn(hold.claim.name(), true);
                }
                lost.over().complete(null);
              });
        });
  }

  private CompletableFuture<ReleaseOutcome> takeBack(Hold hold, boolean atStore) {
    renewals.remove(hold.claim);
    return atStore
        ? releases.withdraw(hold.claim)
        : CompletableFuture.completedFuture(ReleaseOutcome.NOT_HELD);
  }

  private void log(LockLoss loss, boolean heard, boolean onPurpose) {
    String message = "Lost lock '{}' ({}), fencing token {}: {}{}";
    Object[] args = {
      loss.lockName(),
      capabilities.backend(),
      loss.fencingToken(),
      loss.reason(),
      heard ? "" : "; nobody listens for it"
    };
    if (onPurpose && heard) {
      LOG.debug(message, args);
    } else {
      LOG.warn(message, args);
    }
  }

  /** Completes when {@code stage} does, or after {@code nanos}. */
  CompletableFuture<Void> within(CompletableFuture<?> stage, long nanos) {
    CompletableFuture<Void> first = new CompletableFuture<>();
    if (!stage.isDone()) {
      Future<?> timeout = schedule(() -> first.complete(null), nanos);
      Stages.whenDone(first, (done, failure) -> timeout.cancel(false));
    }
    Stages.whenDone(stage, (done, failure) -> first.complete(null));
    return first;
  }

  /** A handle that nobody can reach any more: nobody can release it but us. */
  void forgotten(Hold hold) {
    work(() -> release(hold));
  }

  private void release(Hold hold) {
    if (hold.hasEnded()) {
      return; // seen twice
    }
    Throwable stack = hold.acquisition();
    Stages.detached(hold.releaseAsync());
    LOG.warn(
        "Lock '{}' ({}), fencing token {}, was never released and its handle is garbage: released"
            + " now. {}",
        hold.lock().name(),
        capabilities.backend(),
        hold.fencingToken,
        stack == null ? "Set leakDetection to see where it was acquired" : "",
        stack);
  }

  /** The name has left its owner in this client: the next one here asks the store. */
  void passOn(String name, boolean standBack) {
    Acquisition next;
    do {
      next = queues.next(name, false);
      while (next != null && !next.takeTurn()) {
        next = queues.next(name, false);
      }
      if (next != null && standBack) {
        next.turnLater();
        return;
      }
      // A loop, for a store that fails at once would else mean a recursion as deep as the queue.
    } while (next != null && next.turnAndEnd());
  }

  /** Whether this client has kept the name to itself for so long that others must have a chance. */
  boolean mustOffer(String name) {
    return !capabilities.queue()
        && !queues.isUncontended(name)
        && queues.localFor(name, now()) > TURN;
  }

  /** Whether this client, which asks for the name anew, has had it for long enough. */
  boolean mustStandBack(String name, long now) {
    return isPolled() && turns.isOver(name, now);
  }

  private boolean isPolled() {
    return !capabilities.queue() && !capabilities.wakes();
  }

  void troubled(String lockName, Throwable failure) {
    LOG.debug("The store failed while '{}' waits; trying again", lockName, failure);
  }

  LockView inspect(NamedLock lock) {
    if (closed) {
      throw closedException();
    }
    try {
      return Stages.of(() -> backend.inspect(lock.storeName))
          .toCompletableFuture()
          .get(operationTimeout, TimeUnit.NANOSECONDS);
    } catch (ExecutionException | CancellationException e) {
      throw failures.translate(lock.name(), e);
    } catch (TimeoutException e) {
      throw failures.translate(lock.name(), Failures.unanswered("question", operationTimeout));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failures.translate(lock.name(), Failures.unanswered("question", 0));
    }
  }

  // The end.

  boolean isClosed() {
    return closed;
  }

  /** True when nothing is to be repeated any more. */
  boolean isEnded() {
    return ended;
  }

  IllegalStateException closedException() {
    return new IllegalStateException("this LockClient (" + capabilities.backend() + ") is closed");
  }

  /**
   * Refuses new acquisitions, and ends those that wait.
   *
   * @return the holds of those that were granted at this very moment and may not be under renewal
   */
  List<Hold> refuseAll() {
    closed = true;
    List<Hold> justGranted = new ArrayList<>();
    for (Overdue.Pending pending : overdue.all()) {
      Hold hold = pending instanceof Acquisition acquisition ? acquisition.closed() : null;
      if (hold != null) {
        justGranted.add(hold);
      }
    }
    return justGranted;
  }

  void end() {
    ended = true;
  }
}
