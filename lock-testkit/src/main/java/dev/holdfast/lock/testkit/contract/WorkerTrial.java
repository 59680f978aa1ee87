package dev.holdfast.lock.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockObserver;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.process.WorkerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Twenty locks in the hands of two processes with several clients each, and a client here that
 * waits for all of them.
 */
final class WorkerTrial implements AutoCloseable {

  static final int WORKERS = 2;
  static final int CLIENTS_EACH = 2;
  static final int LOCKS_EACH = 5;

  private static final AtomicLong NUMBERS = new AtomicLong(System.nanoTime() % 1_000_000_000);

  private final String fault;
  private final FaultContract contract;
  private final Duration lease;
  private final String prefix = "worker-" + NUMBERS.incrementAndGet() + "-";
  private final List<WorkerProcess> processes;
  private final LockClient waiter;
  private final Map<String, Long> grants = new ConcurrentHashMap<>();
  private final Map<String, Long> tokens = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<LockHandle>> waits = new ConcurrentHashMap<>();

  private WorkerTrial(String fault, FaultContract contract, FaultWorkers workers) {
    this.fault = fault;
    this.contract = contract;
    this.lease = lease(contract.control());
    this.processes = workers.alive();
    LockObserver observer =
        new LockObserver() {
          @Override
          public void granted(String name, long token, Duration waited) {
            grants.putIfAbsent(name, System.nanoTime());
            tokens.putIfAbsent(name, token);
          }
        };
    this.waiter =
        contract
            .control()
            .connectWaiter(
                FaultContract.options(lease).description("waiter").observer(observer).build());
  }

  /**
   * Twice that of the other tests, as in {@link FaultTrial#toKeep}: what must cost nothing needs
   * room for a store that is slow for a moment, and the processes serve several trials.
   */
  static Duration lease(ServerControl control) {
    return control.lease().multipliedBy(2);
  }

  /** All locks are held and awaited. */
  static WorkerTrial held(String fault, FaultContract contract, FaultWorkers workers)
      throws Exception {
    WorkerTrial trial = new WorkerTrial(fault, contract, workers);
    try {
      trial.hold();
      return trial;
    } catch (Throwable e) {
      trial.close();
      throw e;
    }
  }

  private void hold() {
    for (int i = 0; i < WORKERS; i++) {
      processes.get(i).send("hold " + prefix + i + "-");
    }
    for (int i = 0; i < WORKERS; i++) {
      processes.get(i).awaitLine("holds " + prefix, FaultContract.LONG.multipliedBy(3));
      for (int j = 0; j < CLIENTS_EACH * LOCKS_EACH; j++) {
        String name = prefix + i + "-" + j;
        waits.put(name, waiter.lock(name).acquireAsync());
      }
    }
    long phase = ThreadLocalRandom.current().nextLong(lease.toNanos() / 4);
    ContractTest.pass(lease.dividedBy(2).plusNanos(phase));
  }

  List<WorkerProcess> processes() {
    return processes;
  }

  Duration lease() {
    return lease;
  }

  /** A pause that must cost nothing. */
  Duration moment() {
    Duration trust = contract.control().trust().multipliedBy(2);
    return trust.minus(FaultContract.margin(lease)).dividedBy(5);
  }

  /** What the workers said of losses so far. */
  private List<String> losses() {
    return processes.stream()
        .flatMap(worker -> worker.lines().stream())
        .filter(line -> line.startsWith("lost " + prefix))
        .toList();
  }

  /** How far the wall clock of {@code worker} is ahead of ours. */
  Duration clockOffset(WorkerProcess worker) {
    worker.send("now");
    long now = Long.parseLong(worker.awaitLine("now ", FaultContract.LONG).split(" ", -1)[1]);
    return Duration.ofMillis(now - System.currentTimeMillis());
  }

  void allKept() {
    assertThat(losses()).as("L3: false alarms (%s)", fault).isEmpty();
    assertThat(grants).as("X1: grants of locks that are held (%s)", fault).isEmpty();
    contract.report("fault", "%s: kept all %d locks so far".formatted(fault, waits.size()));
  }

  /** One process goes on about when the locks are granted anew, the other later. */
  void freezeAndCompare() {
    processes.forEach(WorkerProcess::stop);
    ContractTest.pass(lease);
    processes.get(0).cont();
    awaitGrants();
    processes.get(1).cont();
    compare(processes);
  }

  /** What they said last counts; nobody can ask them any more. */
  void killAndCompare() {
    Map<String, Long> lastHeld = new ConcurrentHashMap<>();
    long killed = System.nanoTime();
    processes.forEach(WorkerProcess::kill9);
    awaitGrants();
    waits.keySet().forEach(name -> lastHeld.put(name, killed));
    report(lastHeld);
  }

  private void awaitGrants() {
    Await.until(
        "E2: grants of all locks (" + fault + ")",
        lease.multipliedBy(3).plus(FaultContract.LONG),
        () -> grants.size() == waits.size());
  }

  private void compare(List<WorkerProcess> asked) {
    Map<String, Long> lastHeld = new ConcurrentHashMap<>();
    for (WorkerProcess worker : asked) {
      worker.send("last");
      for (int j = 0; j < CLIENTS_EACH * LOCKS_EACH; j++) {
        String[] words = worker.awaitLine("last-held ", FaultContract.LONG).split(" ", -1);
        lastHeld.put(words[1], Long.valueOf(words[2]));
        assertThat(tokens)
            .as("F1: tokens, that of %s having been %s (%s)", words[1], words[3], fault)
            .hasEntrySatisfying(
                words[1], token -> assertThat(token).isGreaterThan(Long.parseLong(words[3])));
      }
      for (int j = 0; j < CLIENTS_EACH * LOCKS_EACH; j++) {
        worker.awaitLine("lost " + prefix, lease.plus(FaultContract.LONG)); // L2: told, if late
      }
    }
    report(lastHeld);
  }

  private void report(Map<String, Long> lastHeld) {
    List<Duration> margins = new ArrayList<>();
    grants.forEach(
        (name, at) ->
            margins.add(Duration.ofNanos(at - lastHeld.getOrDefault(name, Long.MAX_VALUE))));
    margins.sort(null);
    assertThat(margins).hasSize(WORKERS * CLIENTS_EACH * LOCKS_EACH);
    contract.report("margin", Histogram.of(margins, fault));
    assertThat(margins.get(0)).as("L5: the smallest margin (%s)", fault).isPositive();
  }

  @Override
  public void close() {
    // A process that a failed test left frozen would be of no use to the next.
    processes.forEach(WorkerProcess::cont);
    for (CompletableFuture<LockHandle> wait : waits.values()) {
      wait.cancel(true);
      if (wait.isDone() && !wait.isCompletedExceptionally()) {
        wait.join().close();
      }
    }
    waiter.close();
  }
}
