package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.testkit.history.History;
import dev.holdfast.lock.testkit.process.WorkerIo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/**
 * A client in a process of its own that takes and releases locks when it is told to, and writes its
 * history down. Arguments: its name, a URI, the file of the history, the lease.
 */
final class FaultWorker {

  private final WorkerIo io;
  private final String name;
  private final History history;
  private final LockClient client;
  private final Map<String, LockHandle> handles = new ConcurrentHashMap<>();
  private final CountDownLatch never = new CountDownLatch(1);
  private volatile String blocking = "";

  private FaultWorker(WorkerIo io, String[] arguments) {
    this.io = io;
    this.name = arguments[0];
    this.history = History.toFile(name, Path.of(arguments[2]));
    this.client =
        LockClient.connect(
            arguments[1],
            LockClientOptions.builder()
                .lease(Duration.parse(arguments[3]))
                .operationTimeout(Duration.ofSeconds(1))
                .pollInterval(Duration.ofMillis(500))
                .description(name)
                .build());
  }

  public static void main(String[] arguments) {
    WorkerIo io = WorkerIo.open();
    FaultWorker worker = new FaultWorker(io, arguments);
    io.say("ready");
    io.serve(worker::run);
  }

  private void run(String command) {
    String[] words = command.split(" ", 2);
    String lock = words[1];
    switch (words[0]) {
      case "take" -> take(lock);
      case "release" -> release(lock);
      case "held" -> io.say("held " + lock + " " + handles.get(lock).isHeld());
      case "block" -> blocking = lock;
      default -> throw new IllegalArgumentException(command);
    }
  }

  private void take(String lock) {
    var unused = client.lock(lock).acquireAsync().thenAccept(handle -> taken(lock, handle));
  }

  private void taken(String lock, LockHandle handle) {
    if (!history.acquired(name, handle)) { // frozen right after the grant, for a lease
      handle.close();
      return;
    }
    handles.put(lock, handle);
    handle.onLost(loss -> lost(lock, handle, loss));
    io.say("holds " + lock + " " + handle.fencingToken());
  }

  private void lost(String lock, LockHandle handle, LockLoss loss) {
    history.lost(name, lock, handle.fencingToken(), loss.reason().toString());
    io.say("lost " + lock + " " + loss.reason());
    if (lock.equals(blocking)) {
      try {
        never.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void release(String lock) {
    LockHandle handle = handles.get(lock);
    history.releasing(name, lock, handle.fencingToken());
    handle.close();
    history.released(name, lock, handle.fencingToken(), "closed");
    io.say("released " + lock);
  }
}
