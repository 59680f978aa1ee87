package dev.holdfast.lock.testkit.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.testkit.Await;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerProcessTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final List<WorkerProcess> workers = new CopyOnWriteArrayList<>();

  @AfterEach
  void closeWorkers() {
    workers.forEach(WorkerProcess::close);
  }

  private WorkerProcess start(String... args) {
    WorkerProcess worker = WorkerProcess.start(TestWorker.class, args);
    workers.add(worker);
    worker.awaitLine("ready", LIMIT);
    return worker;
  }

  private static String ask(WorkerProcess worker, String line) {
    worker.send(line);
    String word = line.split(" ", 2)[0];
    return worker.awaitLine(word + " ", LIMIT).substring(word.length() + 1);
  }

  private static void awaitGone(long pid) {
    Await.until("process " + pid + " to be gone", LIMIT, () -> ProcessState.isGone(pid));
  }

  @Test
  void lines_bothWays_arriveWholeInUtf8() {
    WorkerProcess worker = WorkerProcess.start(TestWorker.class, "a", "b c");
    workers.add(worker);
    assertThat(worker.awaitLine("ready", LIMIT)).isEqualTo("ready a b c");
    assertThat(ask(worker, "echo Grüße 🔒")).isEqualTo("Grüße 🔒");
    assertThat(worker.lines()).as("what a library prints is not the protocol").isEmpty();
  }

  @Test
  void awaitLine_twoAlike_takesEachOnceAndLeavesOthers() {
    WorkerProcess worker = start();
    worker.send("echo 1");
    worker.send("echo 2");
    worker.send("echo 1");
    assertThat(worker.awaitLine("echo 2"::equals, LIMIT)).isEqualTo("echo 2");
    worker.awaitLine("echo 1"::equals, LIMIT);
    worker.awaitLine("echo 1"::equals, LIMIT);
    assertThat(worker.lines()).isEmpty();
  }

  @Test
  void awaitLine_workerEnds_failsAtOnceAndSaysHow() {
    WorkerProcess worker = start();
    worker.send("echo last words");
    worker.send("fail");
    assertThatThrownBy(() -> worker.awaitLine("never", Duration.ofMinutes(10)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("last words");
    assertThat(worker.awaitExit(LIMIT)).isTrue();
    assertThat(worker.exitCode()).hasValue(WorkerIo.COMMAND_FAILED);
    assertThatThrownBy(() -> worker.awaitLine("never", LIMIT))
        .hasMessageContaining("ended with 70")
        .hasMessageContaining("on purpose");
  }

  @Test
  void awaitLine_limitPasses_fails() {
    assertThatThrownBy(() -> start().awaitLine("never", Duration.ofMillis(10)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("no such line");
  }

  @Test
  void onLine_listener_hearsEveryLine() {
    List<String> heard = new CopyOnWriteArrayList<>();
    WorkerProcess worker =
        WorkerProcess.builder(TestWorker.class.getName())
            .name("heard")
            .jvmOptions("-Dsome.property=some value")
            .environment("SOME_VARIABLE", "another")
            .onLine(heard::add)
            .start();
    workers.add(worker);
    worker.onLine(
        line -> {
          throw new IllegalStateException("a bad listener harms nobody");
        });
    assertThat(ask(worker, "property some.property")).isEqualTo("some value");
    assertThat(ask(worker, "variable SOME_VARIABLE")).isEqualTo("another");
    assertThat(heard).hasSize(3).first().asString().startsWith("ready");
  }

  @Test
  void kill9_running_isGoneOnReturn() {
    WorkerProcess worker = start();
    worker.kill9();
    assertThat(worker.isAlive()).isFalse();
    assertThat(worker.exitCode()).hasValue(137);
    assertThat(ProcessState.isGone(worker.pid())).isTrue();
    assertThatThrownBy(() -> worker.send("echo x")).isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void stop_ticking_standsStillUntilCont() {
    WorkerProcess worker = start();
    AtomicInteger ticks = new AtomicInteger();
    worker.onLine(line -> ticks.incrementAndGet());
    worker.send("tick");
    Await.until("ticks", LIMIT, () -> ticks.get() > 5);
    worker.stop();
    assertThat(worker.isAlive()).isTrue();
    assertThat(ProcessState.isStopped(worker.pid())).isTrue();
    int seen = drained(ticks);
    worker.send("nanos");
    assertThatThrownBy(() -> worker.awaitLine("nanos", Duration.ofMillis(60)))
        .isInstanceOf(AssertionError.class);
    assertThat(ticks).hasValue(seen);
    worker.cont();
    worker.awaitLine("nanos", LIMIT);
    Await.until("more ticks", LIMIT, () -> ticks.get() > seen + 5);
  }

  /** What a stopped process had written may still be on its way through the pipe. */
  private static int drained(AtomicInteger ticks) {
    AtomicInteger last = new AtomicInteger(-1);
    AtomicInteger same = new AtomicInteger();
    Await.until(
        "the pipe to be empty",
        LIMIT,
        () -> {
          int now = ticks.get();
          return last.getAndSet(now) == now ? same.incrementAndGet() > 6 : same.getAndSet(0) < 0;
        });
    return ticks.get();
  }

  @Test
  void kill9_stopped_isGoneOnReturn() {
    WorkerProcess worker = start();
    worker.stop();
    worker.kill9();
    assertThat(worker.isAlive()).isFalse();
  }

  @Test
  void close_interruptedThread_stillKillsAndKeepsTheFlag() {
    WorkerProcess worker = start();
    Thread.currentThread().interrupt();
    worker.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(worker.isAlive()).isFalse();
    worker.close();
  }

  @Test
  void nanoTime_ofWorker_isOurClock() {
    WorkerProcess worker = start();
    long before = System.nanoTime();
    long there = Long.parseLong(ask(worker, "nanos"));
    assertThat(there).isBetween(before, System.nanoTime());
  }

  @Test
  void stdinClosed_worker_exits() {
    WorkerProcess worker = start();
    worker.closeStdin();
    assertThat(worker.awaitExit(LIMIT)).isTrue();
    assertThat(worker.exitCode()).hasValue(WorkerIo.PARENT_GONE);
  }

  @Test
  void parentKilled_itsWorker_exits() {
    WorkerProcess parent = start();
    long child = Long.parseLong(ask(parent, "worker"));
    // the test's own kill takes whole trees, so kill the parent alone
    ProcessHandle.of(parent.pid()).orElseThrow().destroyForcibly();
    awaitGone(child);
  }

  @Test
  void parentExits_itsChildren_areKilledByTheHook() {
    WorkerProcess parent = start();
    long sleeper = Long.parseLong(ask(parent, "sleeper"));
    parent.send("exit");
    assertThat(parent.awaitExit(LIMIT)).isTrue();
    assertThat(parent.exitCode()).hasValue(3);
    awaitGone(sleeper);
  }

  @Test
  void kill9_parent_takesItsChildrenAlong() {
    WorkerProcess parent = start();
    long sleeper = Long.parseLong(ask(parent, "sleeper"));
    parent.kill9();
    assertThat(ProcessState.isGone(sleeper)).isTrue();
  }

  @Test
  void close_threadsAndRegistrations_areGone() {
    Set<Long> before = Set.copyOf(AtExit.registered());
    WorkerProcess worker = start();
    String prefix = "holdfast-worker-TestWorker";
    worker.close();
    Await.until(
        "the reading threads to end",
        LIMIT,
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith(prefix)));
    assertThat(AtExit.registered()).isEqualTo(before);
  }

  @Test
  void send_twoLines_isRefused() {
    WorkerProcess worker = start();
    assertThatIllegalArgumentException().isThrownBy(() -> worker.send("a\nb"));
  }
}
