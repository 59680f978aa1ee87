package dev.holdfast.lock.testkit.net;

import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What happens to everything that goes in one direction, on all connections of a proxy.
 *
 * <p>Confined to the proxy's thread, the two counters excepted.
 */
final class Lane {

  /** What becomes of bytes that have arrived. */
  enum Mode {
    PASS,
    STALL,
    BLACK_HOLE
  }

  final AtomicLong forwarded = new AtomicLong();
  final AtomicLong dropped = new AtomicLong();

  private Mode mode = Mode.PASS;
  private long delay;
  private long jitter;
  private Random random = new Random(0);

  Mode mode() {
    return mode;
  }

  void mode(Mode next) {
    mode = next;
  }

  void delay(long base, long spread, long seed) {
    delay = base;
    jitter = spread;
    random = new Random(seed);
  }

  void heal() {
    mode = Mode.PASS;
    delay = 0;
    jitter = 0;
  }

  /** When bytes that arrive now are due on the other side. */
  long due(long now) {
    return now + delay + (long) (random.nextDouble() * jitter);
  }
}
