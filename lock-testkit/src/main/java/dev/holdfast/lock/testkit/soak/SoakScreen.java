package dev.holdfast.lock.testkit.soak;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * One line about how the soak stands: rewritten in a terminal, a new one now and then elsewhere.
 *
 * <p>Used by one thread.
 */
final class SoakScreen {

  /**
   * Set by {@code ./soak} when it writes to a terminal, which Java cannot tell for stdout alone.
   */
  private static final boolean TERMINAL = Boolean.getBoolean("holdfast.soak.terminal");

  private static final long EVERY_NANOS =
      (TERMINAL ? Duration.ofMillis(200) : Duration.ofSeconds(10)).toNanos();
  private static final String CLEAR = "\r\033[K";
  private static final int WIDTH = 118;

  private final PrintStream out;
  private long last = System.nanoTime() - EVERY_NANOS;

  SoakScreen(PrintStream out) {
    this.out = out;
  }

  void show(Soak.Progress progress) {
    long now = System.nanoTime();
    if (now - last < EVERY_NANOS) {
      return;
    }
    last = now;
    String line = line(progress);
    if (TERMINAL) {
      out.print(CLEAR + (line.length() > WIDTH ? line.substring(0, WIDTH) : line));
    } else {
      out.println(line);
    }
    out.flush();
  }

  void clear() {
    if (TERMINAL) {
      out.print(CLEAR);
    }
  }

  private static String line(Soak.Progress progress) {
    long seconds = progress.elapsed().toSeconds();
    return String.format(
        Locale.ROOT,
        "%3d:%02d  %6d holds  %4d losses  %4d faults  smallest margin %-8s %s",
        seconds / 60,
        seconds % 60,
        progress.history().holds(),
        progress.history().losses(),
        progress.faults(),
        SoakReport.millis(progress.history().minMargin()),
        String.join(", ", progress.active()));
  }
}
