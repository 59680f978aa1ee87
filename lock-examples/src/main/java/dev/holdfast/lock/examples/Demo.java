package dev.holdfast.lock.examples;

import static dev.holdfast.lock.examples.DemoScreen.seconds;
import static dev.holdfast.lock.examples.DemoWorker.runLength;
import static java.util.stream.Collectors.joining;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.examples.DemoCast.Actor;
import dev.holdfast.lock.examples.DemoCast.Failed;
import dev.holdfast.lock.spi.LockUris;
import dev.holdfast.lock.testkit.history.FencedRegisterServer;
import dev.holdfast.lock.testkit.history.History;
import dev.holdfast.lock.testkit.process.AtExit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Three processes share one job through a lock. The holder is killed, the next one frozen and woken
 * again, the network of a third one goes silent; in the end their histories are checked.
 *
 * <p>Run it with {@code ./demo}, or {@code mvn -q -DskipTests -pl lock-examples -am compile
 * exec:exec}.
 */
public final class Demo {

  static final String JOB = "send the nightly e-mail";

  /** The exit code if two holds overlapped, or nobody took over. */
  static final int FAILED = 1;

  /** The exit code if the demo could not begin. */
  static final int USAGE = 2;

  private static final String HELP =
      """
      usage: demo [<uri>]

      Three processes want the same job. Shows who holds the lock; kills the holder, freezes
      the next one and wakes it again, silences the network of another; prints who held the
      lock when, and draws a picture of it, target/demo.html. Takes half a minute.

        <uri>   of a store that several processes can reach, for instance
                'jdbc:postgresql://localhost/app?user=app&password=...&holdfast.createSchema=true'
                Without it an H2 server is started for the demo.

      Exit code: 0 if no two holds overlapped and everybody was replaced in time, 1 if not,
      2 if the demo could not begin.\
      """;

  /** Beside the build's own output, so that nothing else is left behind. */
  static final Path PICTURE = Path.of("target", "demo.html");

  private static final List<String> NAMES = List.of("anna", "ben", "carl");
  private static final Duration LEASE = Duration.ofSeconds(2);

  private Demo() {}

  /**
   * Plays the demo and exits.
   *
   * @param args {@code --help}, or the URI of a store
   */
  public static void main(String[] args) {
    System.exit(run(new DemoScreen(System.out), args));
  }

  static int run(DemoScreen screen, String... args) {
    List<String> words = Stream.of(args).filter(arg -> !arg.isBlank()).toList();
    if (words.contains("--help") || words.contains("-h")) {
      screen.line(HELP);
      return 0;
    }
    if (words.size() > 1 || words.stream().anyMatch(word -> word.startsWith("-"))) {
      screen.line("The demo takes one URI or --help, not: " + String.join(" ", words));
      screen.line(HELP);
      return USAGE;
    }
    if (words.stream().anyMatch(uri -> LockUris.scheme(uri).equals("memory"))) {
      screen.line(
          "memory: is one process's own memory; the demo's three processes cannot share it");
      return USAGE;
    }
    try {
      return run(screen, words.stream().findFirst());
    } catch (LockException | IllegalArgumentException | IOException e) {
      screen.line("The demo cannot begin: " + e.getMessage());
      return USAGE;
    }
  }

  private static int run(DemoScreen screen, Optional<String> uri) throws IOException {
    screen.title("Holdfast demo: three processes, one job");
    Path folder = Files.createTempDirectory("holdfast-demo-");
    AtExit atExit = AtExit.close(() -> delete(folder)); // an interrupted demo, too
    try (DemoStore store = uri.map(DemoStore::at).orElseGet(DemoStore::ownH2);
        LockClient spectator = LockClient.connect(store.uri())) {
      spectator.lock(JOB).holder(); // whatever is wrong with the store is said here, once
      return run(screen, store, spectator, folder) ? 0 : FAILED;
    } finally {
      delete(folder);
      atExit.forget();
    }
  }

  private static boolean run(DemoScreen screen, DemoStore store, LockClient spectator, Path folder)
      throws IOException {
    Duration least = spectator.capabilities().minLease();
    Duration lease = LEASE.compareTo(least) > 0 ? LEASE : least;
    try (var register = FencedRegisterServer.start();
        var watch = new DemoWatch(spectator.lock(JOB));
        var cast = new DemoCast(screen, watch);
        History history = History.toFile("demo", folder.resolve("demo"))) {
      for (String name : NAMES) {
        int registerPort = register.address().getPort();
        cast.start(name, store.line(), lease, folder.resolve(name), registerPort);
      }
      screen.line("  store      " + store.description());
      screen.line("  job        \"%s\", %s long".formatted(JOB, seconds(runLength(lease))));
      screen.line("  lock       lease %s, renewed by its holder".formatted(seconds(lease)));
      screen.line(
          "  processes  " + cast.actors().stream().map(Actor::toString).collect(joining(", ")));
      screen.title("What happens");
      screen.startClock();
      boolean played = play(screen, new DemoPlot(screen, cast, history, lease));
      cast.close(); // so that what they wrote is complete
      var report = new DemoReport(History.read(files(folder)), screen.start());
      report.print(screen, register.register().snapshot());
      Files.createDirectories(PICTURE.toAbsolutePath().getParent());
      report.draw(PICTURE);
      screen.line("  picture: " + PICTURE.toAbsolutePath());
      boolean good = played && report.isGood();
      screen.line(good ? "  PASSED: one holder at a time, and every one was replaced" : "  FAILED");
      return good;
    }
  }

  private static boolean play(DemoScreen screen, DemoPlot plot) {
    try {
      plot.play();
      return true;
    } catch (Failed e) {
      screen.event("demo", "FAILED: " + e.getMessage());
      return false;
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      for (Path file : files(folder)) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    }
  }
}
