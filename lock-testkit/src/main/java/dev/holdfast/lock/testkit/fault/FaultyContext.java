package dev.holdfast.lock.testkit.fault;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.HoldSink;
import dev.holdfast.lock.spi.Ticker;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;

/** The engine's context with our own ear for the answers to renewals. */
record FaultyContext(BackendContext engine, HoldSink holds) implements BackendContext {

  @Override
  public Ticker ticker() {
    return engine.ticker();
  }

  @Override
  public ScheduledExecutorService timer() {
    return engine.timer();
  }

  @Override
  public Executor workers() {
    return engine.workers();
  }

  @Override
  public RandomGenerator random() {
    return engine.random();
  }

  @Override
  public LockClientOptions options() {
    return engine.options();
  }

  @Override
  public String clientId() {
    return engine.clientId();
  }
}
