package dev.holdfast.lock.testkit.contract;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.process.WorkerIo;
import java.time.Duration;
import java.util.Optional;

/**
 * A holder in a process of its own, driven by {@link ProcessContract}: {@code hold name}, {@code
 * held}, {@code compete name rounds}.
 */
final class ContractWorker {

  private final WorkerIo io;
  private final LockClient client;
  private volatile Optional<LockHandle> held = Optional.empty();

  private ContractWorker(WorkerIo io, LockClient client) {
    this.io = io;
    this.client = client;
  }

  public static void main(String[] arguments) {
    WorkerIo io = WorkerIo.open();
    LockClientOptions options =
        LockClientOptions.builder()
            .lease(Duration.parse(arguments[1]))
            .operationTimeout(Duration.ofSeconds(1))
            .pollInterval(Duration.ofMillis(500))
            .description(arguments[2])
            .build();
    ContractWorker worker = new ContractWorker(io, LockClient.connect(arguments[0], options));
    io.say("ready");
    io.serve(worker::run);
  }

  private void run(String command) throws InterruptedException {
    String[] words = command.split(" ", -1);
    switch (words[0]) {
      case "hold" -> hold(words[1]);
      case "held" -> {
        LockHandle handle = held.orElseThrow();
        io.say("held " + handle.isHeld() + " " + handle.fencingToken());
      }
      case "compete" -> compete(words[1], Integer.parseInt(words[2]));
      default -> throw new IllegalArgumentException(command);
    }
  }

  private void hold(String name) throws InterruptedException {
    LockHandle handle = client.lock(name).acquire(Duration.ofSeconds(20));
    held = Optional.of(handle);
    handle.onLost(loss -> io.say("lost " + System.nanoTime() + " " + loss.reason()));
    io.say("holds " + handle.fencingToken());
  }

  /**
   * Says when each hold began and ended, by the clock that all processes of a host share; and
   * closes its client, as all the others do in about the same moment.
   */
  private void compete(String name, int rounds) throws InterruptedException {
    for (int i = 0; i < rounds; i++) {
      try (LockHandle handle = client.lock(name).acquire(Duration.ofSeconds(30))) {
        long begun = System.nanoTime();
        handle.ensureHeld();
        io.say("held-from-to " + handle.fencingToken() + " " + begun + " " + System.nanoTime());
      }
    }
    client.close();
    io.say("done");
  }
}
