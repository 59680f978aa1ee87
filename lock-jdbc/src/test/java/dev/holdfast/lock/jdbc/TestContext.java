package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.HoldSink;
import dev.holdfast.lock.spi.Ticker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/** An engine's place, without the engine: keeps what a backend says of its claims. */
final class TestContext implements BackendContext, HoldSink, AutoCloseable {

  /** The last renewal that was told of a claim. */
  record Renewed(Duration validFor, long asOf) {}

  final Map<Claim, Renewed> renewed = new ConcurrentHashMap<>();
  final Map<Claim, LossReason> gone = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
  private final ExecutorService workers = Executors.newCachedThreadPool();
  private final LockClientOptions options;

  TestContext(Duration operationTimeout) {
    options = LockClientOptions.builder().operationTimeout(operationTimeout).build();
  }

  @Override
  public Ticker ticker() {
    return System::nanoTime;
  }

  @Override
  public ScheduledExecutorService timer() {
    return timer;
  }

  @Override
  public Executor workers() {
    return workers;
  }

  @Override
  public RandomGenerator random() {
    return ThreadLocalRandom.current();
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
    return "test";
  }

  @Override
  public void renewed(Claim claim, Duration validFor, long asOf) {
    renewed.put(claim, new Renewed(validFor, asOf));
  }

  @Override
  public void gone(Claim claim, LossReason reason) {
    gone.put(claim, reason);
  }

  @Override
  public void close() {
    timer.shutdownNow();
    workers.shutdownNow();
  }
}
