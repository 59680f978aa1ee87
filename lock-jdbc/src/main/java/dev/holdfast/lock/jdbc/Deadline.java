package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.Ticker;
import java.time.Duration;

/** The instant by which a call has to have ended. */
record Deadline(Ticker ticker, long end) {

  static Deadline in(Ticker ticker, Duration limit) {
    return new Deadline(ticker, ticker.read() + limit.toNanos());
  }

  /** The one that ends first. */
  static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** What remains; zero or negative when it has passed. */
  long nanos() {
    return end - ticker.read();
  }

  boolean passed() {
    return nanos() <= 0;
  }

  /** What remains in whole milliseconds, at least one: zero means "for ever" to a driver. */
  int millis() {
    return (int) Math.min(Integer.MAX_VALUE, Math.max(1, nanos() / 1_000_000));
  }

  /**
   * The longest that a statement may wait for a row: the database is to answer before we hang up.
   */
  Duration lockWait() {
    return Duration.ofMillis(Math.max(1, nanos() / 4 * 3 / 1_000_000));
  }
}
