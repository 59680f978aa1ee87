package dev.holdfast.lock.testkit.history;

import dev.holdfast.lock.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Says whether a history was allowed to happen.
 *
 * <p>A hold lasts from its ACQUIRED to the first of: RELEASING, LOST, the kill of its process. One
 * whose process is paused can do nothing meanwhile, but must not go on as if nothing had happened:
 * if it is told of its loss within a short grace after the process goes on, it counts as ended by
 * the pause; if it is told later, or not at all, it lasted throughout, pause included.
 *
 * <p>Each hold is looked at by itself as well: told once of its loss and not after its release,
 * with {@code isHeld()} false inside the notice, and no write refused while {@code isHeld()} was
 * true.
 *
 * <p><b>Threads.</b> Immutable.
 */
public final class HistoryChecker {

  /** How soon a resumed process has to be told that its lock is gone, before scaling. */
  public static final Duration DEFAULT_RESUME_GRACE = Duration.ofMillis(500);

  private final Duration resumeGrace;

  private HistoryChecker(Duration resumeGrace) {
    this.resumeGrace = resumeGrace;
  }

  /**
   * Checks with the default grace after a pause.
   *
   * @param events of all processes, in any order
   * @return what was found
   */
  public static HistoryReport check(Collection<HistoryEvent> events) {
    return withResumeGrace(DEFAULT_RESUME_GRACE).report(events);
  }

  /**
   * A checker with another grace after a pause.
   *
   * @param grace before scaling by {@link Await#scaled}; zero lets no loss be told after a pause
   * @return the checker
   */
  public static HistoryChecker withResumeGrace(Duration grace) {
    return new HistoryChecker(Await.scaled(grace));
  }

  /**
   * Checks a history.
   *
   * @param events of all processes, in any order
   * @return what was found
   */
  public HistoryReport report(Collection<HistoryEvent> events) {
    List<HistoryEvent> all = History.merge(events);
    List<Finding> findings = new ArrayList<>();
    List<Margin> margins = new ArrayList<>();
    Holds holds = Holds.of(all, resumeGrace, findings);
    byLock(holds.list()).values().forEach(ofOne -> checkOne(ofOne, all, findings, margins));
    return new HistoryReport(holds.list().size(), holds.losses(), findings, margins);
  }

  /** All holds, in the order of their grants, whatever is wrong with them. */
  static List<Hold> holds(Collection<HistoryEvent> events) {
    List<HistoryEvent> all = History.merge(events);
    return Holds.of(all, Await.scaled(DEFAULT_RESUME_GRACE), new ArrayList<>()).list();
  }

  private static Map<String, List<Hold>> byLock(List<Hold> holds) {
    Map<String, List<Hold>> byLock = new TreeMap<>();
    for (Hold hold : holds) {
      byLock.computeIfAbsent(hold.lock(), name -> new ArrayList<>()).add(hold);
    }
    return byLock;
  }

  private static void checkOne(
      List<Hold> holds, List<HistoryEvent> all, List<Finding> findings, List<Margin> margins) {
    List<Hold> lasting = new ArrayList<>();
    Hold last = null;
    for (Hold next : holds) {
      lasting.removeIf(hold -> !hold.covers(next.start().nanos()));
      lasting.forEach(hold -> findings.add(overlap(hold, next, all)));
      lasting.add(next);
      if (last != null) {
        if (next.start().token() <= last.start().token()) {
          findings.add(tokenOrder(last, next, all));
        }
        margin(last, next).ifPresent(margins::add);
      }
      last = next;
    }
  }

  private static Optional<Margin> margin(Hold hold, Hold next) {
    HistoryEvent loss = hold.loss();
    // after a pause the notice cannot come first, and says nothing about the margin
    return loss != null && loss.equals(hold.end())
        ? Optional.of(new Margin(loss, next.start()))
        : Optional.empty();
  }

  private static Finding overlap(Hold earlier, Hold next, List<HistoryEvent> all) {
    long origin = earlier.start().nanos();
    HistoryEvent end = earlier.end();
    String by =
        end == null
            ? "and was never ended"
            : "%.3f ms before that ended".formatted((end.nanos() - next.start().nanos()) / 1e6);
    String text =
        "'%s' was granted to %s while held: %s; the grant came %s"
            .formatted(
                next.lock(), next.start().describe(origin).strip(), earlier.describe(origin), by);
    HistoryEvent last = end == null ? next.start() : end;
    return new Finding(
        Finding.Kind.OVERLAP, next.lock(), text, stretch(all, earlier.start(), last));
  }

  private static Finding tokenOrder(Hold last, Hold next, List<HistoryEvent> all) {
    String text =
        "'%s' was granted with token %d after token %d"
            .formatted(next.lock(), next.start().token(), last.start().token());
    return new Finding(
        Finding.Kind.TOKEN_ORDER, next.lock(), text, stretch(all, last.start(), next.start()));
  }

  /** What happened to the lock, and to processes, from one event to another. */
  static List<HistoryEvent> stretch(List<HistoryEvent> all, HistoryEvent from, HistoryEvent to) {
    return all.stream()
        .filter(event -> event.nanos() - from.nanos() >= 0 && event.nanos() - to.nanos() <= 0)
        .filter(event -> event.lock().isEmpty() || event.lock().equals(from.lock()))
        .toList();
  }
}
