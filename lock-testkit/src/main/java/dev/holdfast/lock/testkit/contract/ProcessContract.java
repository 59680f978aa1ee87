package dev.holdfast.lock.testkit.contract;

import static dev.holdfast.lock.testkit.contract.ContractTest.since;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.spi.LockCapabilities.LeaseScope;
import dev.holdfast.lock.testkit.process.WorkerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The contract among processes, some of which are frozen or killed: for stores that another process
 * reaches by a {@linkplain LockFixture#uri() URI}. Extended like {@link LockContract}.
 */
public abstract class ProcessContract extends Contract {

  private static final Duration START = Duration.ofSeconds(30);

  /** For the class of a backend. */
  protected ProcessContract() {}

  /** A hold of some process, by the clock that all share. */
  private record Held(long token, long from, long to) {}

  private WorkerProcess worker(String description) throws Exception {
    Optional<String> uri = fixture().uri();
    requires(uri.isPresent(), "L5", "a URI for other processes in its fixture");
    WorkerProcess worker =
        WorkerProcess.builder(ContractWorker.class.getName())
            .name(description)
            .arguments(uri.orElseThrow(), lease().toString(), description)
            .start();
    worker.awaitLine("ready", START);
    return worker;
  }

  /** X1: processes that compete for a lock hold it one after another, with increasing tokens. */
  @Test
  public void acquire_byManyProcesses_neverOverlaps() throws Exception {
    int rounds = 30;
    List<Held> all = new ArrayList<>();
    try (WorkerProcess a = worker("a");
        WorkerProcess b = worker("b");
        WorkerProcess c = worker("c")) {
      List<WorkerProcess> workers = List.of(a, b, c);
      workers.forEach(worker -> worker.send("compete " + name() + " " + rounds));
      for (WorkerProcess worker : workers) {
        worker.awaitLine("done", Duration.ofSeconds(60));
        worker.lines().stream()
            .filter(line -> line.startsWith("held-from-to "))
            .forEach(line -> all.add(held(line)));
      }
    }
    all.sort(Comparator.comparingLong(Held::token));
    assertThat(all).hasSize(3 * rounds);
    for (int i = 1; i < all.size(); i++) {
      assertThat(all.get(i).token()).isGreaterThan(all.get(i - 1).token());
      assertThat(all.get(i).from() - all.get(i - 1).to()).as("nanoseconds apart").isPositive();
    }
  }

  private static Held held(String line) {
    List<Long> numbers = List.of(line.split(" ", -1)).stream().skip(1).map(Long::valueOf).toList();
    return new Held(numbers.get(0), numbers.get(1), numbers.get(2));
  }

  /** L5: a process that was frozen finds its lock lost when it wakes, and its token outdated. */
  @Test
  public void isHeld_afterTheProcessWasFrozen_isFalseAtOnce() throws Exception {
    try (WorkerProcess frozen = worker("frozen")) {
      frozen.send("hold " + name());
      long token = Long.parseLong(frozen.awaitLine("holds ", START).split(" ", -1)[1]);
      frozen.stop();
      LockHandle next = client().lock(name()).acquire(lease().multipliedBy(3));
      frozen.send("held");
      frozen.cont();
      assertThat(frozen.awaitLine("held ", START)).isEqualTo("held false " + token);
      // Of a session, what the server says of it may come before our own look at the clock.
      boolean underASession = capabilities().leaseScope() == LeaseScope.CLIENT;
      String lost = frozen.awaitLine("lost ", lease().plus(grace()));
      assertThat(lost).containsPattern(underASession ? "EXPIRED|SESSION_LOST" : "EXPIRED");
      assertThat(next.fencingToken()).isGreaterThan(token);
      assertThat(next.isHeld()).isTrue();
    }
  }

  /** W3: a process that was killed is followed by the next within its lease and half a second. */
  @Test
  public void holder_killed_isReplacedWithinItsLease() throws Exception {
    try (WorkerProcess killed = worker("killed")) {
      killed.send("hold " + name());
      killed.awaitLine("holds ", START);
      var next = client().lock(name()).acquireAsync();
      ContractTest.pass(renewalPeriod());
      killed.kill9();
      long death = System.nanoTime();
      LockHandle held = ContractTest.get(next);
      Duration after = since(death);
      report("takeover", "after kill -9: %d ms".formatted(after.toMillis()));
      assertThat(after).isLessThan(lease().plus(grace()));
      held.close();
    }
  }
}
