package dev.holdfast.lock.spi;

/**
 * The one clock that decides: monotonic nanoseconds, of an arbitrary origin. Only differences mean
 * anything.
 *
 * <p>The engine's own counts the time that the host was suspended, which {@link System#nanoTime()}
 * alone does not (CONTRACT.md, A7). A backend takes its instants from here and nowhere else.
 */
@FunctionalInterface
public interface Ticker {

  /** Nanoseconds now; never goes back. Safe for concurrent use, and cheap. */
  long read();
}
