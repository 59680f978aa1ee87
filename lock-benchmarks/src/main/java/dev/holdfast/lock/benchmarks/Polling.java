package dev.holdfast.lock.benchmarks;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** How the limits wait: they ask again after 1 to 3 ms. */
final class Polling {

  private static final long LEAST = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long MOST = TimeUnit.MILLISECONDS.toNanos(3);

  private Polling() {}

  static void pause() {
    LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(LEAST, MOST));
  }
}
