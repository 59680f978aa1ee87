package dev.holdfast.lock.examples;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * What the demo prints: one line per event, and between them one status line, which a terminal
 * shows in place and a file gets once a second.
 *
 * <p>Used by one thread.
 */
final class DemoScreen {

  /**
   * Set by {@code ./demo} when it writes to a terminal, which Java cannot tell for stdout alone.
   */
  private static final boolean TERMINAL = Boolean.getBoolean("holdfast.demo.terminal");

  private static final long STATUS_NANOS = TERMINAL ? 100_000_000L : 1_000_000_000L;
  private static final String CLEAR = "\r\033[K";

  private final PrintStream out;
  private long start = System.nanoTime();
  private long lastStatus = start;
  private boolean statusShown;

  DemoScreen(PrintStream out) {
    this.out = out;
  }

  /** From now on times count from here. */
  void startClock() {
    start = System.nanoTime();
  }

  long start() {
    return start;
  }

  void line(String text) {
    clear();
    out.println(text);
    out.flush();
  }

  void title(String text) {
    line("");
    line(text);
    line("");
  }

  void event(String who, String what) {
    line("%8s  %-5s  %s".formatted(seconds(System.nanoTime() - start), who, what));
    lastStatus = System.nanoTime();
  }

  /** Shows the status if it is time for it. */
  void status(String text) {
    long now = System.nanoTime();
    if (now - lastStatus < STATUS_NANOS) {
      return;
    }
    lastStatus = now;
    String line = "%8s    ...    %s".formatted(seconds(now - start), text);
    if (TERMINAL) {
      out.print(CLEAR + line);
      statusShown = true;
    } else {
      out.println(line);
    }
    out.flush();
  }

  private void clear() {
    if (statusShown) {
      out.print(CLEAR);
      statusShown = false;
    }
  }

  static String seconds(Duration duration) {
    return seconds(duration.toNanos());
  }

  static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
  }
}
