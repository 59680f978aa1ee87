package dev.holdfast.lock.testkit.soak;

import dev.holdfast.lock.testkit.history.Finding;
import dev.holdfast.lock.testkit.history.HistoryReport;
import dev.holdfast.lock.testkit.history.Recovery;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What came of a soak.
 *
 * @param store which one
 * @param options what was asked for
 * @param elapsed how long it took, which is less than asked for if it was ended early
 * @param faults how many came
 * @param history holds, losses and margins
 * @param writes how many writes to the fenced registers were accepted
 * @param rejected how many were rejected for an old token
 * @param recoveries how long each lock was free in each calm, at most
 * @param usage threads and sockets of each process at the first calm and at the last
 * @param findings all that was not allowed to happen, of the history and beyond
 * @param picture the page that shows it
 */
public record SoakReport(
    String store,
    SoakOptions options,
    Duration elapsed,
    int faults,
    HistoryReport history,
    long writes,
    long rejected,
    List<Recovery> recoveries,
    List<String> usage,
    List<Finding> findings,
    Path picture) {

  /**
   * Keeps copies of the lists.
   *
   * @param store as above
   */
  public SoakReport {
    recoveries = List.copyOf(recoveries);
    usage = List.copyOf(usage);
    findings = List.copyOf(findings);
  }

  /**
   * Whether nothing was found, and something had happened.
   *
   * @return true for a store that stood the soak
   */
  public boolean isGood() {
    return findings.isEmpty() && faults > 0 && history.holds() > 0;
  }

  /**
   * The finding that takes the least reading.
   *
   * @return the one with the fewest events, the shortest of these; empty for a good soak
   */
  public Optional<Finding> shortest() {
    return findings.stream()
        .min(
            Comparator.comparingInt(
                    (Finding it) ->
                        it.stretch().isEmpty() ? Integer.MAX_VALUE : it.stretch().size())
                .thenComparing(SoakReport::length));
  }

  private static long length(Finding finding) {
    int size = finding.stretch().size();
    return size == 0
        ? 0
        : finding.stretch().get(size - 1).nanos() - finding.stretch().get(0).nanos();
  }

  /**
   * The longest time until somebody held a lock after the last fault had healed.
   *
   * @return empty if there was no calm
   */
  public Optional<Duration> longestRecovery() {
    return recoveries.stream().map(Recovery::length).max(Comparator.naturalOrder());
  }

  /**
   * The figures in one line.
   *
   * @return such as {@code redis ...: 180 s, seed 7: 64 faults, 1,203 grants, ...}
   */
  public String line() {
    return String.format(
        Locale.ROOT,
        "%s: %d s, seed %d: %d faults, %d grants, %d losses, %d fenced writes (%d rejected), "
            + "smallest margin %s of %d, longest recovery %s, %d findings",
        store,
        elapsed.toSeconds(),
        options.seed(),
        faults,
        history.holds(),
        history.losses(),
        writes + rejected,
        rejected,
        millis(history.minMargin()),
        history.margins().size(),
        millis(longestRecovery()),
        findings.size());
  }

  static String millis(Optional<Duration> duration) {
    return duration.map(it -> it.toMillis() + " ms").orElse("none");
  }
}
