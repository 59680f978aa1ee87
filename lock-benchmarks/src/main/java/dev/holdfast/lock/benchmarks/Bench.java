package dev.holdfast.lock.benchmarks;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * Holdfast beside the barest primitive of the same store, in one run and in turns: a machine that
 * gets slower meanwhile slows both.
 *
 * <p>Run it with {@code ./bench}, or {@code mvn -q -DskipTests -pl lock-benchmarks -am compile
 * exec:exec -Drun.args="h2 --quick"}.
 */
public final class Bench {

  private static final int OWN_NAME_THREADS = 32;
  private static final int ONE_NAME_THREADS = 16;
  private static final int PROCESSES = 4;
  private static final Duration HOLD = Duration.ofMillis(1);

  private final PrintStream out;
  private final BenchOptions options;
  private final StoreKind.Server server;

  private Bench(PrintStream out, BenchOptions options, StoreKind.Server server) {
    this.out = out;
    this.options = options;
    this.server = server;
  }

  /** Measures, and prints a table. */
  public static void main(String[] args) throws Exception {
    System.exit(run(System.out, List.of(args)));
  }

  static int run(PrintStream out, List<String> args) throws Exception {
    if (args.contains("--help") || args.contains("-h")) {
      out.print(BenchOptions.HELP);
      return 0;
    }
    BenchOptions options;
    try {
      options = BenchOptions.parse(args);
    } catch (IllegalArgumentException e) {
      out.println(e.getMessage());
      out.print(BenchOptions.HELP);
      return 2;
    }
    try (StoreKind.Server server = options.kind().start()) {
      new Bench(out, options, server).measure();
    }
    return 0;
  }

  private void measure() throws Exception {
    print(
        text(
            "%s; Java %s, %d cores",
            server.description(),
            System.getProperty("java.version"),
            Runtime.getRuntime().availableProcessors()));
    print(
        text(
            "%d rounds of %.1f s, in turns, after %d to warm up; medians, and the range of ratios",
            options.rounds(), options.round().toMillis() / 1e3, options.warmUps()));
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    if (load > 1) {
      print(text("The machine is busy (load %.1f): the numbers are rough", load));
    }
    print("");
    List<Contender> contenders = options.kind().contenders();
    print(row("", contenders.stream().map(Contender::name).toList()));
    List<Subject> subjects = new ArrayList<>();
    try {
      for (Contender contender : contenders) {
        subjects.add(contender.opener().open(server.uri()));
      }
      warmUp(subjects);
      pairs("1 thread", Load.ownNames(1), subjects);
      pairs("32 threads, own names", Load.ownNames(OWN_NAME_THREADS), subjects);
      pairs("16 threads, one name", Load.oneName(ONE_NAME_THREADS), subjects);
    } finally {
      for (Subject subject : subjects) {
        subject.close();
      }
    }
    if (options.kind().isShared()) {
      handovers(contenders);
    }
    idle(contenders);
  }

  /**
   * With many threads, for the compiler goes by the number of calls: one thread on a store that
   * writes to a disk makes too few of them in all its rounds, and what is measured then is how much
   * code a library has.
   */
  private void warmUp(List<Subject> subjects) throws Exception {
    for (Subject subject : subjects) {
      var unused = Load.ownNames(OWN_NAME_THREADS).run(subject, options.warmUp());
    }
  }

  private void pairs(String scenario, Load load, List<Subject> subjects) throws Exception {
    var rounds = rounds(subjects, subject -> load.run(subject, options.round()));
    compare(scenario + ": pairs/s", "%,.0f", rounds, pairs -> pairs);
  }

  private void handovers(List<Contender> contenders) throws Exception {
    try (var processes = new Processes(PROCESSES, options.kind(), server.uri())) {
      var hot = rounds(contenders, each -> processes.run(each, options.round(), Duration.ZERO));
      compare("4 processes, one name: hand-overs/s", "%,.0f", hot, Handovers::perSecond);
      var rounds = rounds(contenders, each -> processes.run(each, options.round(), HOLD));
      compare("    holding for 1 ms: hand-overs/s", "%,.0f", rounds, Handovers::perSecond);
      compare("    hand-over, median ms", "%.2f", rounds, Handovers::p50Millis);
      compare("    hand-over, 99 % ms", "%.2f", rounds, Handovers::p99Millis);
      compare("    smallest share of a process, %", "%.0f", rounds, it -> 100 * it.leastShare());
      compare("    greatest share of a process, %", "%.0f", rounds, it -> 100 * it.mostShare());
    }
  }

  /** Only those after the limit, which does nothing for a lock that it holds. */
  private void idle(List<Contender> contenders) throws Exception {
    int locks = Math.min(options.idleLocks(), options.kind().mostHeld());
    List<String> rates = new ArrayList<>(List.of("-"));
    List<String> heaps = new ArrayList<>(List.of("-"));
    List<String> own = new ArrayList<>(List.of("-"));
    List<String> losses = new ArrayList<>(List.of("-"));
    for (Contender contender : contenders.subList(1, contenders.size())) {
      try (Subject subject = contender.opener().open(server.uri())) {
        if (!subject.holdsMany()) {
          List.of(rates, heaps, own, losses).forEach(cells -> cells.add("cannot"));
          continue;
        }
        var idle = IdleHolds.measure(server, subject, locks, options.idle());
        OptionalDouble rate = idle.operationsPerSecond();
        rates.add(rate.isPresent() ? text("%.1f", rate.getAsDouble()) : "not counted");
        heaps.add(Long.toString(idle.heapPerLock()));
        own.add(Long.toString(idle.heapPerLock() - idle.callersShare()));
        losses.add(text("%,d", idle.lost()));
      }
    }
    print(row(text("idle, %,d held: operations/s", locks), rates));
    print(row("    heap per lock with its name, bytes", heaps));
    print(row("    of it, the library's own", own));
    print(row("    lost meanwhile", losses));
  }

  private interface Measurement<C, T> {
    T of(C contender) throws Exception;
  }

  /** Of each round, what each contender did, in their order. */
  private <C, T> List<List<T>> rounds(List<C> contenders, Measurement<C, T> measurement)
      throws Exception {
    List<List<T>> rounds = new ArrayList<>();
    for (int i = 0; i < options.warmUps() + options.rounds(); i++) {
      List<T> round = new ArrayList<>();
      for (C contender : contenders) {
        round.add(measurement.of(contender));
      }
      rounds.add(round);
    }
    return rounds.subList(options.warmUps(), rounds.size());
  }

  private <T> void compare(
      String scenario, String format, List<List<T>> rounds, ToDoubleFunction<T> value) {
    List<String> cells = new ArrayList<>();
    for (int i = 0; i < rounds.get(0).size(); i++) {
      int column = i;
      double[] values = sorted(rounds, round -> value.applyAsDouble(round.get(column)));
      double[] ratios =
          sorted(
              rounds,
              round -> value.applyAsDouble(round.get(column)) / value.applyAsDouble(round.get(0)));
      String cell = text(format, median(values));
      cells.add(column == 0 ? cell : cell + range(ratios));
    }
    print(row(scenario, cells));
  }

  private static String range(double[] ratios) {
    return text(" = %.2f (%.2f to %.2f)", median(ratios), ratios[0], ratios[ratios.length - 1]);
  }

  private static <T> double[] sorted(List<T> rounds, ToDoubleFunction<T> value) {
    return rounds.stream().mapToDouble(value).sorted().toArray();
  }

  private static double median(double[] sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** The value of each cell to the right, and to the left what follows it. */
  private static String row(String scenario, List<String> cells) {
    StringBuilder row = new StringBuilder(text("%-36s%12s", scenario, cells.get(0)));
    for (String cell : cells.subList(1, cells.size())) {
      String value = cell.replaceFirst(" = .*", "");
      row.append(text("%12s%-22s", value, cell.substring(value.length())));
    }
    return row.toString();
  }

  private void print(String line) {
    out.println(line.stripTrailing());
    out.flush();
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
