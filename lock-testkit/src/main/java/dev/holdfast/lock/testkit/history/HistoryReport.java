package dev.holdfast.lock.testkit.history;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What {@link HistoryChecker} found.
 *
 * @param holds how many grants there were; a check of none proves nothing
 * @param losses how many holds were told of their loss
 * @param findings what was not allowed to happen; empty for a good history
 * @param margins for each loss that was followed by a grant of the same lock, how far ahead it was
 */
public record HistoryReport(int holds, int losses, List<Finding> findings, List<Margin> margins) {

  private static final int MOST_SHOWN = 10;

  /**
   * Keeps copies of the lists.
   *
   * @param holds as above
   * @param losses as above
   * @param findings as above
   * @param margins as above
   */
  public HistoryReport {
    findings = List.copyOf(findings);
    margins = List.copyOf(margins);
  }

  /**
   * Whether nothing was found.
   *
   * @return true for a good history
   */
  public boolean isGood() {
    return findings.isEmpty();
  }

  /**
   * The smallest margin between a loss notice and the next grant.
   *
   * @return empty if no loss was followed by a grant
   */
  public Optional<Duration> minMargin() {
    return margins.stream().map(Margin::length).min(Comparator.naturalOrder());
  }

  /**
   * Fails if anything was found.
   *
   * @return this
   * @throws AssertionError with {@link #toString} as its message
   */
  public HistoryReport assertGood() {
    if (!isGood()) {
      throw new AssertionError(toString());
    }
    return this;
  }

  /**
   * The report for people.
   *
   * @return counts, the smallest margin, and the first findings with their events
   */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    out.append(holds).append(" holds, ").append(losses).append(" losses, ");
    out.append(findings.size()).append(" findings; smallest margin ");
    out.append(minMargin().map(m -> m.toNanos() / 1e6 + " ms").orElse("unknown"));
    findings.stream().limit(MOST_SHOWN).forEach(finding -> out.append('\n').append(finding));
    if (findings.size() > MOST_SHOWN) {
      out.append("\n... and ").append(findings.size() - MOST_SHOWN).append(" more");
    }
    return out.toString();
  }
}
