package dev.holdfast.lock.testkit.soak;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.spi.LockUris;
import dev.holdfast.lock.testkit.history.Finding;
import dev.holdfast.lock.testkit.process.AtExit;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The soak on the command line. By itself it takes the URI of any store whose provider is on the
 * class path:
 *
 * <pre>{@code
 * java -cp lock-testkit.jar:your-backend.jar:... dev.holdfast.lock.testkit.soak.SoakCommand your-store://host 10 42
 * }</pre>
 *
 * <p>Exit code: 0 if nothing was found, 1 if something was, 2 if it could not begin.
 */
@SuppressWarnings("SystemOut") // a program
public final class SoakCommand {

  /** The exit code if something was found. */
  public static final int FOUND = 1;

  /** The exit code if the soak could not begin. */
  public static final int USAGE = 2;

  private static final long END_SECONDS = 120;

  private final PrintStream out;
  private final Function<String, Optional<SoakStore>> named;
  private final String names;

  /**
   * Prepares a command.
   *
   * @param out where to print
   * @param names what {@code named} knows, for the help
   * @param named starts the store of a word that is no URI; empty if it knows none
   */
  public SoakCommand(PrintStream out, String names, Function<String, Optional<SoakStore>> named) {
    this.out = out;
    this.names = names;
    this.named = named;
  }

  /**
   * Runs a soak and exits.
   *
   * @param args see {@code --help}
   */
  public static void main(String[] args) {
    System.exit(new SoakCommand(System.out, "", word -> Optional.empty()).run(args));
  }

  /**
   * Runs a soak.
   *
   * @param args see {@code --help}
   * @return the exit code
   */
  public int run(String... args) {
    SoakArguments arguments;
    try {
      arguments = SoakArguments.parse(args);
    } catch (IllegalArgumentException e) {
      out.println(e.getMessage());
      out.println(SoakArguments.help(names));
      return USAGE;
    }
    if (arguments.help()) {
      out.println(SoakArguments.help(names));
      return 0;
    }
    try (SoakStore store = store(arguments.store())) {
      return run(store, arguments);
    } catch (LockException | IllegalArgumentException | IllegalStateException | IOException e) {
      out.println("The soak cannot begin: " + e.getMessage());
      return USAGE;
    }
  }

  private SoakStore store(String word) {
    if (LockUris.scheme(word).equals("memory")) {
      throw new IllegalArgumentException(
          "memory: is one process's own memory; the soak's processes cannot share it");
    }
    if (LockUris.scheme(word).isEmpty()) {
      return named
          .apply(word)
          .orElseThrow(
              () -> new IllegalArgumentException("no URI, and no store to start: " + word));
    }
    return SoakStore.at(word);
  }

  private int run(SoakStore store, SoakArguments arguments) throws IOException {
    SoakOptions options = arguments.options().withLease(lease(store, arguments.options().lease()));
    Soak soak = new Soak(store, options);
    print("Soak of %s", store.description());
    print(
        "  %d processes, %d locks, lease %d ms; %d s, seed %d: %d faults in %d storms",
        options.processes(),
        options.locks(),
        options.lease().toMillis(),
        options.duration().toSeconds(),
        options.seed(),
        soak.plan().faults().size(),
        soak.plan().storms().size());
    soak.plan().faults().forEach(fault -> print("  %s", fault));
    return arguments.planOnly() ? 0 : run(soak);
  }

  private static Duration lease(SoakStore store, Duration wanted) {
    try (LockClient client = LockClient.connect(store.uri())) {
      Duration least = client.capabilities().minLease();
      return wanted.compareTo(least) < 0 ? least : wanted;
    }
  }

  private int run(Soak soak) throws IOException {
    SoakScreen screen = new SoakScreen(out);
    CountDownLatch over = new CountDownLatch(1);
    AtExit[] atExit = {AtExit.close(() -> end(soak, over))};
    try {
      SoakReport report =
          soak.run(
              progress -> {
                // the last to be registered is the first to be closed: before the processes
                atExit[0].forget();
                atExit[0] = AtExit.close(() -> end(soak, over));
                screen.show(progress);
              });
      screen.clear();
      print(report);
      return report.isGood() ? 0 : FOUND;
    } finally {
      over.countDown();
      atExit[0].forget();
    }
  }

  /** Ctrl-C: the soak ends in good order, and says what it has seen. */
  private static void end(Soak soak, CountDownLatch over) throws InterruptedException {
    soak.stop();
    if (!over.await(END_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the soak does not end");
    }
  }

  private void print(SoakReport report) {
    print("");
    print("[soak] %s", report.line());
    report.usage().forEach(line -> print("  threads and sockets of %s", line));
    print("  picture: %s", report.picture().toAbsolutePath());
    Optional<Finding> shortest = report.shortest();
    shortest.ifPresent(finding -> print("%n%s%n", finding));
    firstOfEachKind(report)
        .forEach((kind, first) -> print("  %d of %s; first: %s", count(report, kind), kind, first));
    if (report.isGood()) {
      print("PASSED: no rule was broken");
    } else if (report.findings().isEmpty()) {
      print("FAILED: too little happened to tell anything");
    } else {
      print("FAILED: %d findings", report.findings().size());
    }
  }

  private static Map<Finding.Kind, String> firstOfEachKind(SoakReport report) {
    Map<Finding.Kind, String> first = new EnumMap<>(Finding.Kind.class);
    report.findings().forEach(finding -> first.putIfAbsent(finding.kind(), finding.text()));
    return first;
  }

  private static long count(SoakReport report, Finding.Kind kind) {
    return report.findings().stream().filter(finding -> finding.kind() == kind).count();
  }

  private void print(String format, Object... values) {
    out.println(values.length == 0 ? format : String.format(Locale.ROOT, format, values));
    out.flush();
  }
}
