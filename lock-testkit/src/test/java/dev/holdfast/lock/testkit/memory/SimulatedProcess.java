package dev.holdfast.lock.testkit.memory;

import dev.holdfast.lock.spi.ClientEnvironment;
import dev.holdfast.lock.testkit.VirtualTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A process in virtual time that can be stopped, as SIGSTOP does it: while it is stopped nothing
 * runs in it, and what fell due meanwhile runs when it goes on, in order.
 */
final class SimulatedProcess extends AbstractExecutorService implements ScheduledExecutorService {

  private final ClientEnvironment world;
  private final Deque<Runnable> deferred = new ArrayDeque<>();
  private boolean stopped;

  SimulatedProcess(VirtualTime time, double clockRate) {
    this.world = time.environment(clockRate);
  }

  ClientEnvironment environment() {
    return new ClientEnvironment(world.ticker(), this, this, this, world.random(), true);
  }

  boolean isStopped() {
    return stopped;
  }

  void stop() {
    stopped = true;
  }

  void resume() {
    stopped = false;
    while (!stopped && !deferred.isEmpty()) {
      deferred.poll().run();
    }
  }

  /** Runs what reaches the process now: a message, a timer. */
  void deliver(Runnable event) {
    if (stopped) {
      deferred.add(event);
    } else {
      event.run();
    }
  }

  @Override
  public void execute(Runnable command) {
    world.timer().execute(() -> deliver(command));
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    return world.timer().schedule(() -> deliver(command), delay, unit);
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException("not used by the engine");
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    throw new UnsupportedOperationException("not used by the engine");
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException("not used by the engine");
  }

  @Override
  public void shutdown() {}

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return false;
  }
}
