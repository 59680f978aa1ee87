package dev.holdfast.lock.internal;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what other threads do, under one generous limit. */
final class Await {

  private static final long LIMIT = 30_000_000_000L;

  private Await() {}

  static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + LIMIT;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("not within 30 s: " + what);
      }
      LockSupport.parkNanos(200_000);
    }
  }

  /** Until the thread waits, or has ended. */
  static void parked(Thread thread) {
    until(
        thread + " waits",
        () ->
            switch (thread.getState()) {
              case WAITING, TIMED_WAITING, TERMINATED -> true;
              default -> false;
            });
  }
}
