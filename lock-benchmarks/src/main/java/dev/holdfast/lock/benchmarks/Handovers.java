package dev.holdfast.lock.benchmarks;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * How one name went from hand to hand among processes.
 *
 * @param perSecond hand-overs, the same process's next turn included
 * @param p50Millis from before a release to the next grant
 * @param p99Millis the same for the slowest of a hundred
 * @param leastShare of all holds, for the process that had the fewest
 * @param mostShare and for the one that had the most
 */
record Handovers(
    double perSecond, double p50Millis, double p99Millis, double leastShare, double mostShare) {

  /** A hold, by {@link System#nanoTime()}. */
  record Hold(long from, long to) {}

  static String toText(List<Hold> holds) {
    return holds.stream().map(hold -> hold.from + ":" + hold.to).collect(joining(","));
  }

  static List<Hold> parse(String text) {
    return Stream.of(text.split(",", -1))
        .filter(pair -> !pair.isEmpty())
        .map(pair -> pair.split(":", 2))
        .map(pair -> new Hold(Long.parseLong(pair[0]), Long.parseLong(pair[1])))
        .toList();
  }

  /**
   * Looks at all holds of several processes.
   *
   * @throws IllegalStateException if two overlapped: then it was no lock
   */
  static Handovers of(List<List<Hold>> processes) {
    List<Hold> all =
        processes.stream()
            .flatMap(List::stream)
            .sorted(Comparator.comparingLong(Hold::from))
            .toList();
    if (all.size() < 2) {
      throw new IllegalStateException("too few holds to tell anything: " + all.size());
    }
    List<Long> waits = new ArrayList<>();
    for (int i = 1; i < all.size(); i++) {
      waits.add(all.get(i).from() - all.get(i - 1).to());
    }
    waits.sort(Comparator.naturalOrder());
    if (waits.get(0) < 0) {
      throw new IllegalStateException("two processes held the lock at the same time");
    }
    double seconds = (all.get(all.size() - 1).from() - all.get(0).from()) / 1e9;
    List<Integer> shares = processes.stream().map(List::size).sorted().toList();
    return new Handovers(
        waits.size() / seconds,
        percentile(waits, 50) / 1e6,
        percentile(waits, 99) / 1e6,
        (double) shares.get(0) / all.size(),
        (double) shares.get(shares.size() - 1) / all.size());
  }

  private static long percentile(List<Long> sorted, int percent) {
    return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
  }
}
