package dev.holdfast.lock.testkit.contract;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.process.WorkerProcess;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * What may happen to the processes that hold locks. See {@link FaultContract}. Nobody can tell a
 * frozen process anything; so its margins count from the last time at which {@code isHeld()} said
 * yes in it.
 */
public abstract class ClientFaultContract extends FaultContract {

  private static final Duration HOUR = Duration.ofHours(1);

  private @Nullable FaultWorkers workers;

  /** For the class of a backend. */
  protected ClientFaultContract() {}

  private FaultWorkers workers() {
    FaultWorkers open = workers;
    if (open == null) {
      open = new FaultWorkers(control());
      workers = open;
    }
    return open;
  }

  @AfterAll
  final void endWorkers() {
    if (workers != null) {
      workers.close();
    }
  }

  /**
   * L5: of processes that were frozen for longer than their lease none ever says again it holds.
   */
  @Test
  public void processesFrozen_sayNeverAgainThatTheyHold() throws Exception {
    try (WorkerTrial trial = WorkerTrial.held("client frozen", this, workers())) {
      trial.freezeAndCompare();
    }
  }

  /** L3: processes that were frozen for a moment hold on; then L1, when they are killed. */
  @Test
  public void processesFrozen_forAMoment_holdOn() throws Exception {
    String fault = "client frozen for a moment, then killed";
    try (WorkerTrial trial = WorkerTrial.held(fault, this, workers())) {
      trial.processes().forEach(WorkerProcess::stop);
      pass(trial.moment());
      trial.processes().forEach(WorkerProcess::cont);
      pass(trial.lease());
      trial.allKept();
      trial.killAndCompare();
    }
  }

  /** L3: a wall clock that jumps by an hour, forth or back, does nothing (A7); and then L5. */
  @Test
  public void clientsClock_jumpsByAnHour_doesNothing() throws Exception {
    requires(workers().haveClocks(), "A7", "a C compiler, to set the clock of a process with");
    String fault = "client's clock off by an hour, then frozen";
    try (WorkerTrial trial = WorkerTrial.held(fault, this, workers())) {
      workers().clock(0).step(HOUR);
      workers().clock(1).step(HOUR.negated());
      for (WorkerProcess process : trial.processes()) {
        Await.until(
            "the worker to see its clock jump",
            LONG,
            () -> Math.abs(trial.clockOffset(process).toMinutes()) > 50);
      }
      pass(trial.lease());
      trial.allKept();
      trial.freezeAndCompare();
    } finally {
      workers().clock(0).step(Duration.ZERO);
      workers().clock(1).step(Duration.ZERO);
    }
  }
}
