package dev.holdfast.lock.pulsar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.history.History;
import dev.holdfast.lock.testkit.history.HistoryChecker;
import dev.holdfast.lock.testkit.history.HistoryEvent;
import dev.holdfast.lock.testkit.history.HistoryReport;
import dev.holdfast.lock.testkit.history.Margin;
import dev.holdfast.lock.testkit.process.WorkerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The processes of one story, by name, with the history of all of them. */
final class Cast implements AutoCloseable {

  /** Far above what a start, a grant or a notice takes on a busy machine. */
  static final Duration SOON = Duration.ofSeconds(30);

  /** A process that wakes has other things to do as well; a notice that is wrong takes a lease. */
  private static final Duration RESUME_GRACE = Duration.ofMillis(1_500);

  private final Path folder;
  private final Duration lease;
  private final History own = History.inMemory("test");
  private final Map<String, WorkerProcess> workers = new LinkedHashMap<>();
  private final List<Path> files = new ArrayList<>();

  Cast(Path folder, Duration lease) {
    this.folder = folder;
    this.lease = lease;
  }

  WorkerProcess start(String name, String uri) {
    return start(name, uri, lease);
  }

  WorkerProcess start(String name, String uri, Duration itsLease) {
    Path file = folder.resolve(name + ".history");
    WorkerProcess worker =
        WorkerProcess.builder(FaultWorker.class.getName())
            .name(name)
            .arguments(name, uri, file.toString(), itsLease.toString())
            .jvmOptions("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m")
            .start();
    workers.put(name, worker);
    files.add(file);
    return worker;
  }

  /** Waits until all have come, once. */
  void awaitReady() {
    workers.keySet().forEach(this::awaitReady);
  }

  void awaitReady(String name) {
    worker(name).awaitLine("ready", SOON);
  }

  private WorkerProcess worker(String name) {
    return workers.get(name);
  }

  /** Has a process ask for a lock; {@link #awaitGrant} tells when it has it. */
  void ask(String name, String lock) {
    worker(name).send("take " + lock);
  }

  /** The token of a grant. */
  long awaitGrant(String name, String lock, Duration limit) {
    String line = worker(name).awaitLine("holds " + lock + " ", limit);
    return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
  }

  long take(String name, String lock) {
    ask(name, lock);
    return awaitGrant(name, lock, SOON);
  }

  void release(String name, String lock) {
    worker(name).send("release " + lock);
    worker(name).awaitLine("released " + lock, SOON);
  }

  boolean isHeld(String name, String lock) {
    worker(name).send("held " + lock);
    return worker(name).awaitLine("held " + lock + " ", SOON).endsWith("true");
  }

  String awaitLoss(String name, String lock, Duration limit) {
    return worker(name).awaitLine("lost " + lock + " ", limit);
  }

  /** Whether a line that begins like this came and was not taken. */
  boolean hasSaid(String name, String prefix) {
    return worker(name).lines().stream().anyMatch(line -> line.startsWith(prefix));
  }

  void freeze(String name) {
    worker(name).stop();
    own.paused(name);
  }

  void wake(String name) {
    own.resumed(name);
    worker(name).cont();
  }

  void kill(String name) {
    worker(name).kill9();
    own.killed(name);
  }

  void send(String name, String command) {
    worker(name).send(command);
  }

  static void pass(Duration time) {
    long since = System.nanoTime();
    Await.until(
        "time to pass", time.plusSeconds(20), () -> System.nanoTime() - since > time.toNanos());
  }

  /** Nobody who was awake held a lock together with another, and tokens went up. */
  HistoryReport check(String fault, int grants) throws IOException {
    List<HistoryEvent> all = new ArrayList<>(own.events());
    all.addAll(History.read(files));
    HistoryReport report = HistoryChecker.withResumeGrace(RESUME_GRACE).report(all);
    assertThat(report.findings()).as(fault).isEmpty();
    assertThat(report.holds()).as("grants (%s)", fault).isGreaterThanOrEqualTo(grants);
    String margin =
        report.margins().stream()
            .map(Margin::length)
            .min(Comparator.naturalOrder())
            .map(least -> ", told " + least.toMillis() + " ms before the next grant at the least")
            .orElse("");
    System.out.printf(
        "[fault] pulsar %s: %d grants, %d losses, never two at once%s%n",
        fault, report.holds(), report.losses(), margin);
    return report;
  }

  @Override
  public void close() {
    workers.values().forEach(WorkerProcess::close);
    own.close();
  }
}
