package dev.holdfast.lock.testkit.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * For how long nobody held a lock that was wanted, at a time when nothing was broken.
 *
 * @param lock the name of the lock
 * @param from since when nobody held it: when the last fault had healed, or later
 * @param to the next grant, or the end of the calm if there was none
 */
public record Recovery(String lock, long from, long to) {

  /**
   * A time without faults in which somebody wants every lock all the time.
   *
   * @param from when the last fault had healed
   * @param to when the next one began
   */
  public record Calm(long from, long to) {}

  /**
   * The time between the two.
   *
   * @return zero or more
   */
  public Duration length() {
    return Duration.ofNanos(to - from);
  }

  /**
   * The longest such time per lock and calm.
   *
   * @param events of all processes, in any order
   * @param calms by time
   * @return only those that are longer than nothing
   */
  public static List<Recovery> find(List<HistoryEvent> events, List<Calm> calms) {
    List<Hold> holds = HistoryChecker.holds(events);
    List<String> locks =
        events.stream()
            .map(HistoryEvent::lock)
            .filter(lock -> !lock.isEmpty())
            .distinct()
            .sorted()
            .toList();
    List<Recovery> found = new ArrayList<>();
    for (String lock : locks) {
      List<Hold> ofLock = holds.stream().filter(hold -> hold.lock().equals(lock)).toList();
      calms.forEach(calm -> longest(ofLock, lock, calm, found));
    }
    return found;
  }

  private static void longest(List<Hold> holds, String lock, Calm calm, List<Recovery> found) {
    List<Recovery> gaps = new ArrayList<>();
    long free = calm.from();
    for (Hold hold : holds) {
      long start = hold.start().nanos();
      if (start - calm.to() >= 0) {
        break;
      }
      if (start - free > 0) {
        gaps.add(new Recovery(lock, free, start));
      }
      long end = hold.end() == null ? calm.to() : hold.end().nanos();
      free = end - free > 0 ? end : free;
    }
    if (calm.to() - free > 0) {
      gaps.add(new Recovery(lock, free, calm.to()));
    }
    gaps.stream().max(Comparator.comparing(Recovery::length)).ifPresent(found::add);
  }

  /**
   * What is wrong with those that took too long.
   *
   * @param recoveries as {@link #find} gave them
   * @param limit the longest that is allowed
   * @param events the same as there
   * @return a finding for each that is longer
   */
  public static List<Finding> tooLong(
      List<Recovery> recoveries, Duration limit, List<HistoryEvent> events) {
    return recoveries.stream()
        .filter(recovery -> recovery.length().compareTo(limit) > 0)
        .map(recovery -> recovery.finding(limit, events))
        .toList();
  }

  private Finding finding(Duration limit, List<HistoryEvent> events) {
    String text =
        "nobody was granted '%s' for %d ms though nothing was broken any more; at most %d ms are allowed"
            .formatted(lock, length().toMillis(), limit.toMillis());
    List<HistoryEvent> stretch =
        events.stream()
            .filter(event -> event.nanos() - from >= 0 && event.nanos() - to <= 0)
            .filter(event -> event.lock().isEmpty() || event.lock().equals(lock))
            .toList();
    return new Finding(Finding.Kind.RECOVERY, lock, text, stretch);
  }
}
