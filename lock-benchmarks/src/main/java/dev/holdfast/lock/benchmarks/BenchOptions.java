package dev.holdfast.lock.benchmarks;

import static java.util.stream.Collectors.joining;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;

/**
 * What the command line says.
 *
 * @param kind of the store
 * @param rounds of each scenario and subject
 * @param round how long one takes
 * @param idleLocks how many are held in the idle scenario
 * @param idle for how long
 */
record BenchOptions(StoreKind kind, int rounds, Duration round, int idleLocks, Duration idle) {

  /** A few renewal periods. */
  private static final long MOST_IDLE_MILLIS = 20_000;

  /**
   * Until the JIT compiler has seen most of it: quick ratios were 20 % below those of long rounds.
   */
  private static final long WARM_UP_MILLIS = 2_000;

  private static final String KINDS =
      StoreKinds.ALL.stream().map(StoreKind::name).collect(joining(" | "));

  static final String HELP =
      """
      usage: bench <%s> [--quick] [--rounds <n>] [--seconds <s>] [--idle <n>]
             bench jmh [<options of JMH>]

      Starts the store and measures Holdfast beside the limit: the barest lock that the store
      allows through the same driver, which renews nothing and tells nobody of a loss.
      With jmh: what it costs to ask a handle whether it is held, and what the engine adds to a pair.

        --quick         a minute or two in all, for a first look
        --rounds <n>    of each scenario and subject, 1 to 100; default 5, quick 3
        --seconds <s>   length of a round, 0.1 to 600; default 3, quick 0.7
        --idle <n>      how many locks are held in the idle scenario, default 10000
      """
          .formatted(KINDS);

  /** How long each subject works before anything is measured. */
  Duration warmUp() {
    return round.multipliedBy(4);
  }

  /** How many rounds of each scenario and subject are not counted. */
  int warmUps() {
    return (int) Math.min(3, 1 + WARM_UP_MILLIS / (round.toMillis() + 1));
  }

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException if it makes no sense; the message says why
   */
  static BenchOptions parse(List<String> args) {
    boolean quick = args.contains("--quick");
    StoreKind kind = null;
    int rounds = quick ? 3 : 5;
    int idleLocks = 10_000;
    double seconds = quick ? 0.7 : 3;
    for (Iterator<String> words = args.iterator(); words.hasNext(); ) {
      String word = words.next();
      switch (word) {
        case "--quick" -> {}
        case "--rounds" -> rounds = (int) number(word, words, 1, 100);
        case "--seconds" -> seconds = number(word, words, 0.1, 600);
        case "--idle" -> idleLocks = (int) number(word, words, 1, 1_000_000);
        default -> kind = kind(word);
      }
    }
    if (kind == null) {
      throw new IllegalArgumentException("which store? one of " + KINDS);
    }
    Duration round = Duration.ofMillis(Math.round(seconds * 1000));
    Duration idle = Duration.ofMillis(Math.min(10 * round.toMillis(), MOST_IDLE_MILLIS));
    return new BenchOptions(kind, rounds, round, idleLocks, idle);
  }

  private static StoreKind kind(String word) {
    return StoreKinds.named(word)
        .orElseThrow(() -> new IllegalArgumentException("'" + word + "' is not one of " + KINDS));
  }

  private static double number(String option, Iterator<String> words, double least, double most) {
    String word = words.hasNext() ? words.next() : "";
    try {
      double number = Double.parseDouble(word);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // refused below
    }
    throw new IllegalArgumentException(
        "%s takes a number from %s to %s, not '%s'"
            .formatted(option, text(least), text(most), word));
  }

  private static String text(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }
}
