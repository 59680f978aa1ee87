package dev.holdfast.lock.examples;

import static dev.holdfast.lock.examples.DemoScreen.seconds;

import dev.holdfast.lock.LockException;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.process.WorkerProcess;
import dev.holdfast.lock.testkit.server.PulsarServer;
import dev.holdfast.lock.testkit.server.ServerUnavailableException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Three workers, of which two are dormant: the first heartbeat starts the job on the active one,
 * later ones are ignored; it is killed, and a heartbeat starts the job on the next one, within the
 * lease.
 *
 * <p>Run it with {@code ./demo heartbeats pulsar}, which fetches and starts a broker, or with the
 * URI of any store: {@code ./demo heartbeats pulsar://host:6650}.
 */
public final class Heartbeats {

  static final String JOB = "scheduler";

  private static final String HELP =
      """
      usage: demo heartbeats [pulsar | <uri>]

      Three processes stand by for a job. The first heartbeat starts it on the active one; that
      one is killed, and the job starts on the next. Takes a quarter of a minute.

        pulsar   starts a Pulsar broker for this (250 MB are downloaded once)
        <uri>    of a store that several processes can reach: pulsar://host:6650, redis://host
                 Without it an H2 server is started for this.

      Exit code: 0 if the job ran on one process at a time and the killed one was followed within
      its lease, 1 if not, 2 if it could not begin.\
      """;

  private static final List<String> NAMES = List.of("anna", "ben", "carl");
  private static final Duration LEASE = Duration.ofSeconds(2);
  private static final Duration EVERY = Duration.ofMillis(100);
  private static final Duration SOON = Duration.ofSeconds(30);

  /** What finding a process dead, an answer and a heartbeat add to the lease. */
  private static final Duration GRACE = Duration.ofMillis(500).plus(EVERY);

  private final DemoScreen screen;
  private final Map<String, WorkerProcess> workers = new LinkedHashMap<>();

  private Heartbeats(DemoScreen screen) {
    this.screen = screen;
  }

  /**
   * Plays it and exits.
   *
   * @param args {@code --help}, {@code pulsar}, or the URI of a store
   */
  public static void main(String[] args) {
    System.exit(run(new DemoScreen(System.out), args));
  }

  static int run(DemoScreen screen, String... args) {
    List<String> words = Stream.of(args).filter(arg -> !arg.isBlank()).toList();
    if (words.size() > 1 || words.stream().anyMatch(word -> word.startsWith("-"))) {
      screen.line(HELP);
      return words.contains("--help") ? 0 : Demo.USAGE;
    }
    Optional<String> word = words.stream().findFirst();
    if (word.filter("pulsar"::equals).isPresent()) {
      try (PulsarServer server = PulsarServer.launch()) {
        screen.line("  " + server.description());
        return play(screen, server.serviceUrl());
      } catch (ServerUnavailableException e) {
        screen.line("It cannot begin: " + e.getMessage());
        return Demo.USAGE;
      }
    }
    try (DemoStore store = word.map(DemoStore::at).orElseGet(DemoStore::ownH2)) {
      return play(screen, store.uri());
    }
  }

  private static int play(DemoScreen screen, String uri) {
    Heartbeats heartbeats = new Heartbeats(screen);
    try {
      return heartbeats.play(uri) ? 0 : Demo.FAILED;
    } catch (LockException | AssertionError e) {
      screen.line("  FAILED: " + e.getMessage());
      return Demo.FAILED;
    } finally {
      heartbeats.workers.values().forEach(WorkerProcess::close);
    }
  }

  private boolean play(String uri) {
    for (String name : NAMES) {
      workers.put(
          name,
          WorkerProcess.builder(HeartbeatWorker.class.getName())
              .name(name)
              .jvmOptions("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
              .arguments(name, uri, Long.toString(LEASE.toMillis()))
              .start());
    }
    workers.values().forEach(worker -> worker.awaitLine("ready", SOON));
    screen.startClock();
    screen.event("all", "stand by; heartbeats every " + seconds(EVERY));
    String active = beatUntilStarted(SOON);
    screen.event(active, "the first heartbeat that it got as the active one started the job");
    boolean alone = onlyRunsAt(active);
    WorkerProcess killed = workers.remove(active);
    killed.kill9();
    long death = System.nanoTime();
    screen.event(active, "kill -9");
    String next = beatUntilStarted(SOON);
    Duration after = Duration.ofNanos(System.nanoTime() - death);
    screen.event(next, "the job started here, " + seconds(after) + " after that");
    boolean inTime = after.compareTo(Await.scaled(LEASE.plus(GRACE))) < 0;
    boolean good = alone && onlyRunsAt(next) && inTime;
    screen.line(
        good
            ? "  PASSED: the job ran on one process at a time, and was followed within the lease"
            : "  FAILED: " + (inTime ? "the job ran twice" : "it took longer than the lease"));
    return good;
  }

  /** Who started the job. */
  private String beatUntilStarted(Duration limit) {
    return Await.value(
        "a start of the job",
        limit,
        () -> {
          beat();
          return started().findFirst();
        });
  }

  private Stream<String> started() {
    return workers.entrySet().stream()
        .filter(worker -> hasStarted(worker.getValue()))
        .map(Map.Entry::getKey);
  }

  private static boolean hasStarted(WorkerProcess worker) {
    return worker.lines().stream().anyMatch(line -> line.startsWith("started "));
  }

  private void beat() {
    long since = System.nanoTime();
    workers.values().forEach(worker -> worker.send("heartbeat"));
    Await.until("the next heartbeat", SOON, () -> System.nanoTime() - since > EVERY.toNanos());
  }

  /** More heartbeats start nothing: they are ignored by the active one, and lost on the others. */
  private boolean onlyRunsAt(String active) {
    for (int i = 0; i < 10; i++) {
      beat();
    }
    workers.forEach(
        (name, worker) -> {
          if (name.equals(active)) {
            worker.awaitLine("ignored", SOON);
          } else {
            worker.awaitLine("dormant", SOON);
            screen.event(name, "dormant");
          }
        });
    return started().count() == 1;
  }
}
