package dev.holdfast.lock.testkit.contract;

import java.time.Duration;
import java.util.List;
import java.util.StringJoiner;

/** Margins in one line: how many, the least, the median, the most, and how many in each range. */
final class Histogram {

  private static final long[] BOUNDS = {0, 100, 200, 400, 800, 1_600, 3_200, Long.MAX_VALUE};

  private Histogram() {}

  /**
   * The line.
   *
   * @param margins sorted, not empty
   * @param fault what they were measured under
   */
  static String of(List<Duration> margins, String fault) {
    List<Long> millis = margins.stream().map(Duration::toMillis).toList();
    return "margins: n=%d min=%d ms median=%d ms max=%d ms (%s) %s"
        .formatted(
            millis.size(),
            millis.get(0),
            millis.get(millis.size() / 2),
            millis.get(millis.size() - 1),
            fault,
            ranges(millis));
  }

  private static String ranges(List<Long> millis) {
    StringJoiner text = new StringJoiner(" ", "[", "]");
    long from = Long.MIN_VALUE;
    for (long to : BOUNDS) {
      long least = from;
      long count = millis.stream().filter(margin -> margin >= least && margin < to).count();
      if (count > 0) {
        text.add((to == Long.MAX_VALUE ? "more" : "<" + to) + ":" + count);
      }
      from = to;
    }
    return text.toString();
  }
}
