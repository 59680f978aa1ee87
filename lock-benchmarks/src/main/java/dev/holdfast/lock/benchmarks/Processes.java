package dev.holdfast.lock.benchmarks;

import dev.holdfast.lock.testkit.process.WorkerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Several processes that want the same name. Their code is compiled once and quickly: the compiler
 * that optimizes would share the cores with what is measured for as long as this lasts.
 */
final class Processes implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final long HEAD_START = TimeUnit.MILLISECONDS.toNanos(50);

  private final List<WorkerProcess> workers = new ArrayList<>();

  Processes(int count, StoreKind kind, String uri) {
    for (int i = 0; i < count; i++) {
      workers.add(
          WorkerProcess.builder(BenchWorker.class.getName())
              .jvmOptions("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
              .arguments(kind.name(), uri)
              .start());
    }
    workers.forEach(worker -> worker.awaitLine("ready", START_LIMIT));
  }

  Handovers run(Contender contender, Duration time, Duration hold) {
    String order =
        "%s %d %d %d"
            .formatted(
                contender.name(), System.nanoTime() + HEAD_START, time.toMillis(), hold.toNanos());
    workers.forEach(worker -> worker.send(order));
    return Handovers.of(
        workers.stream()
            .map(worker -> worker.awaitLine("holds ", time.plus(START_LIMIT)))
            .map(line -> Handovers.parse(line.substring("holds ".length())))
            .toList());
  }

  @Override
  public void close() {
    workers.forEach(WorkerProcess::close);
  }
}
