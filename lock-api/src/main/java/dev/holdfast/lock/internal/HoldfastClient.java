package dev.holdfast.lock.internal;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LatchOptions;
import dev.holdfast.lock.LeaderLatch;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.LockCapabilities;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The client: makes locks and latches, and ends everything in the right order. */
final class HoldfastClient implements LockClient {

  private static final Logger LOG = LoggerFactory.getLogger(HoldfastClient.class);

  private final Engine engine;
  private final @Nullable SystemEnvironment environment;
  private final Timing defaultTiming;
  private final Set<Latch> latches = ConcurrentHashMap.newKeySet();
  private final ReentrantLock closing = new ReentrantLock();

  HoldfastClient(Engine engine, @Nullable SystemEnvironment environment) {
    this.engine = engine;
    this.environment = environment;
    this.defaultTiming = timing(LockOptions.defaults()); // bad options are refused right here
  }

  @Override
  public DistributedLock lock(String name, LockOptions options) {
    return named(name, options);
  }

  @Override
  public LeaderLatch leaderLatch(String name, LatchOptions options) {
    if (engine.isClosed()) {
      throw engine.closedException();
    }
    return new Latch(named(name, options.lock()), options.stepDownTimeout(), latches);
  }

  private NamedLock named(String name, LockOptions options) {
    engine.backend.checkName(engine.options.prefix() + Names.check(name));
    boolean plain = options.equals(LockOptions.defaults());
    return new NamedLock(engine, name, plain ? defaultTiming : timing(options));
  }

  private Timing timing(LockOptions options) {
    return Timing.of(options, engine.options, engine.capabilities);
  }

  @Override
  public LockCapabilities capabilities() {
    return engine.capabilities;
  }

  @Override
  public void close() {
    closing.lock();
    try {
      if (!engine.isEnded()) {
        close(engine.options.closeTimeout().toNanos());
      }
    } finally {
      closing.unlock();
    }
  }

  /**
   * Three parts of the time are for the listeners, two for the releases, the rest for the store.
   */
  private void close(long limit) {
    long begun = System.nanoTime();
    List<CompletableFuture<?>> told = new ArrayList<>();
    List<Hold> holds = engine.refuseAll();
    List<Latch> standing = List.copyOf(latches);
    for (Latch latch : standing) {
      told.add(latch.shutDown(LossReason.CLIENT_CLOSED, limit / 2));
    }
    holds.addAll(engine.renewals.holds());
    for (Hold hold : holds) {
      hold.lose(LossReason.CLIENT_CLOSED, limit / 2);
      told.add(hold.over());
    }
    CompletableFuture<Void> settled =
        CompletableFuture.allOf(told.toArray(CompletableFuture<?>[]::new))
            .thenCompose(done -> engine.overdue.settled());
    await(settled, begun + limit * 4 / 5, "the listeners and releases");
    standing.forEach(Latch::mute);
    engine.end();
    long left = Math.max(limit / 10, begun + limit * 9 / 10 - System.nanoTime());
    await(
        Stages.of(() -> engine.backend.close(Duration.ofNanos(left))).toCompletableFuture(),
        System.nanoTime() + left,
        "the backend's end");
    if (environment != null) {
      environment.close();
      environment.awaitEnd(Math.max(limit / 20, begun + limit - System.nanoTime()));
    }
  }

  private static void await(CompletableFuture<?> stage, long until, String what) {
    boolean interrupted = false;
    while (true) {
      try {
        stage.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
        break;
      } catch (InterruptedException e) {
        interrupted = true; // closing goes on: half a close would leave locks behind
      } catch (TimeoutException e) {
        LOG.warn("Closed without waiting any longer for {}", what);
        break;
      } catch (ExecutionException e) {
        LOG.warn("While closing, {} failed", what, e);
        break;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
