package dev.holdfast.lock.testkit.contract;

import dev.holdfast.lock.testkit.process.WallClock;
import dev.holdfast.lock.testkit.process.WorkerBuilder;
import dev.holdfast.lock.testkit.process.WorkerProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The processes of {@link ClientFaultContract}, each with a clock of its own where that can be. */
final class FaultWorkers implements AutoCloseable {

  private final ServerControl control;
  private final List<Optional<WallClock>> clocks = new ArrayList<>();
  private final List<WorkerProcess> processes = new ArrayList<>();

  FaultWorkers(ServerControl control) {
    this.control = control;
    for (int i = 0; i < WorkerTrial.WORKERS; i++) {
      clocks.add(WallClock.create());
    }
  }

  boolean haveClocks() {
    return clocks.stream().allMatch(Optional::isPresent);
  }

  WallClock clock(int number) {
    return clocks.get(number).orElseThrow();
  }

  /** All of them; those that were killed are started anew. */
  List<WorkerProcess> alive() {
    if (processes.stream().anyMatch(process -> !process.isAlive())) {
      end();
    }
    if (processes.isEmpty()) {
      for (int i = 0; i < clocks.size(); i++) {
        processes.add(start(i));
      }
    }
    return List.copyOf(processes);
  }

  private WorkerProcess start(int number) {
    WorkerBuilder builder =
        WorkerProcess.builder(FaultWorker.class.getName())
            .name("holder-" + number)
            .arguments(
                control.uri(control.address()),
                WorkerTrial.lease(control).toString(),
                String.valueOf(number));
    clocks.get(number).ifPresent(own -> own.environment().forEach(builder::environment));
    return builder.start();
  }

  private void end() {
    processes.forEach(WorkerProcess::close);
    processes.clear();
  }

  @Override
  public void close() {
    end();
    clocks.forEach(clock -> clock.ifPresent(WallClock::close));
  }
}
