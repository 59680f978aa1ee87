package dev.holdfast.lock.testkit.contract;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.process.WorkerIo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Holds locks in a process of its own and asks all the time whether it still does, driven by {@link
 * WorkerTrial}: {@code hold prefix}, {@code now}, {@code last}.
 */
final class FaultWorker {

  private static final long GAP_NANOS = 1_000_000;

  /** A lock, and when it was last said to be held. */
  private record Held(LockHandle handle, AtomicLong last) {}

  private final WorkerIo io;
  private final List<LockClient> clients = new ArrayList<>();
  private volatile List<Held> all = List.of();

  private FaultWorker(WorkerIo io, String uri, Duration lease, String number) {
    this.io = io;
    for (int i = 0; i < WorkerTrial.CLIENTS_EACH; i++) {
      String name = "holder-" + number + "-" + i;
      clients.add(LockClient.connect(uri, FaultContract.options(lease).description(name).build()));
    }
  }

  /** The URI, the lease, the number of the worker. */
  public static void main(String[] arguments) {
    WorkerIo io = WorkerIo.open();
    FaultWorker worker =
        new FaultWorker(io, arguments[0], Duration.parse(arguments[1]), arguments[2]);
    Thread asking = new Thread(worker::ask, "asking");
    asking.setDaemon(true);
    asking.start();
    io.serve(worker::run);
  }

  private void hold(String prefix) throws InterruptedException {
    List<Held> held = new ArrayList<>();
    for (LockClient client : clients) {
      for (int j = 0; j < WorkerTrial.LOCKS_EACH; j++) {
        LockHandle handle =
            client.lock(prefix + held.size()).acquire(FaultContract.LONG.multipliedBy(2));
        handle.onLost(loss -> io.say("lost " + handle.lockName() + " " + loss.reason()));
        held.add(new Held(handle, new AtomicLong(System.nanoTime())));
      }
    }
    all = held;
    io.say("holds " + prefix);
  }

  /** The instant is read before the question: a pause in between must not make it later. */
  private void ask() {
    while (true) {
      for (Held each : all) {
        long now = System.nanoTime();
        if (each.handle().isHeld()) {
          each.last().set(now);
        }
      }
      LockSupport.parkNanos(GAP_NANOS);
    }
  }

  private void run(String command) throws InterruptedException {
    String[] words = command.split(" ", -1);
    switch (words[0]) {
      case "hold" -> hold(words[1]);
      case "now" -> io.say("now " + System.currentTimeMillis());
      case "last" -> {
        for (Held each : all) {
          LockHandle handle = each.handle();
          io.say(
              "last-held %s %d %d"
                  .formatted(handle.lockName(), each.last().get(), handle.fencingToken()));
        }
      }
      default -> throw new IllegalArgumentException(command);
    }
  }
}
