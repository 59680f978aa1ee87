package dev.holdfast.lock.testkit.soak;

import dev.holdfast.lock.testkit.history.History;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Notes when this process got no processor for a while: a busy machine pauses processes as a
 * SIGSTOP does, and then too nobody can be told of anything.
 */
final class StallWatch implements AutoCloseable {

  private static final long TICK_NANOS = Duration.ofMillis(10).toNanos();

  /** A quarter of the least margin: shorter ones do not matter to any rule. */
  private static final long STALL_NANOS = Duration.ofMillis(50).toNanos();

  private final History history;
  private volatile boolean closed;

  private StallWatch(History history) {
    this.history = history;
  }

  static StallWatch start(History history) {
    StallWatch watch = new StallWatch(history);
    Thread thread = new Thread(watch::run, "soak-stalls");
    thread.setDaemon(true);
    thread.start();
    return watch;
  }

  private void run() {
    long last = System.nanoTime();
    while (!closed) {
      LockSupport.parkNanos(TICK_NANOS);
      long now = System.nanoTime();
      if (now - last > STALL_NANOS && !closed) {
        history.stalled(last, now);
      }
      last = now;
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
