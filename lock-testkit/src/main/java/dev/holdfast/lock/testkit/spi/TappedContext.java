package dev.holdfast.lock.testkit.spi;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.HoldSink;
import dev.holdfast.lock.spi.Ticker;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;

/**
 * The engine's context for a backend, with an ear of one's own for what the backend says of its
 * claims: for tests that lose, delay or change that.
 *
 * @param engine the context to pass on
 * @param holds told instead of the engine's
 */
public record TappedContext(BackendContext engine, HoldSink holds) implements BackendContext {

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
