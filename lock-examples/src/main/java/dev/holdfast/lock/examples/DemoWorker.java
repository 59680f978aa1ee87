package dev.holdfast.lock.examples;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.history.FencedRegisterClient;
import dev.holdfast.lock.testkit.history.History;
import dev.holdfast.lock.testkit.process.WorkerIo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * One of the demo's three processes: waits for its turn, runs the job while it holds the lock, and
 * waits again.
 *
 * <p>All that is shown and checked in the end comes from the facts that it writes down here, when
 * they happen: to its history file for the check, to stdout for the screen.
 */
final class DemoWorker {

  /** Away for longer than this is no ordinary pause of a busy machine. */
  static final Duration FROZEN = Duration.ofMillis(1500);

  private static final Duration LOOK_EVERY = Duration.ofMillis(20);
  private static final Duration REST = Duration.ofMillis(400);

  private final String name;
  private final Duration runLength;
  private final WorkerIo io;
  private final History history;
  private final FencedRegisterClient register;

  private DemoWorker(
      String name,
      Duration runLength,
      WorkerIo io,
      History history,
      FencedRegisterClient register) {
    this.name = name;
    this.runLength = runLength;
    this.io = io;
    this.history = history;
    this.register = register;
  }

  /**
   * Runs until it is told to stop.
   *
   * @param args name, URI of the store, lease in ms, history file, register's port
   */
  public static void main(String[] args) {
    String name = args[0];
    Duration lease = Duration.ofMillis(Long.parseLong(args[2]));
    var registerAddress =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[4]));
    var options = LockClientOptions.builder().description(name).lease(lease).build();

    WorkerIo io = WorkerIo.open();
    try (History history = History.toFile(name, Path.of(args[3]));
        var register = FencedRegisterClient.connect(registerAddress, Duration.ofSeconds(10));
        LockClient locks = LockClient.connect(args[1], options)) {
      Thread main = Thread.currentThread();
      io.serveAside(stop -> main.interrupt());
      io.say("ready");
      var worker = new DemoWorker(name, runLength(lease), io, history, register);
      worker.takeTurns(locks.lock(Demo.JOB));
    } catch (InterruptedException e) {
      io.say("stopped");
    } catch (IOException | RuntimeException e) {
      io.say("failed " + e);
      System.exit(1);
    }
  }

  /** One run of the job outlasts the lease, so that a lost lock is lost in the middle of it. */
  static Duration runLength(Duration lease) {
    return lease.multipliedBy(3).dividedBy(2);
  }

  private void takeTurns(DistributedLock lock) throws IOException, InterruptedException {
    while (true) {
      history.waiting(name, Demo.JOB);
      LockHandle held = lock.acquire();
      history.acquired(name, Demo.JOB, held.fencingToken());
      held.onLost(
          loss -> {
            history.lost(name, Demo.JOB, loss.fencingToken(), loss.reason().name());
            io.say("lost " + loss.reason());
          });
      io.say("holds " + held.fencingToken());
      try {
        run(held);
      } finally {
        if (held.isHeld()) { // told to stop in the middle of it
          history.releasing(name, Demo.JOB, held.fencingToken());
        }
        held.close();
      }
      Thread.sleep(REST.toMillis()); // so that the others come first
    }
  }

  /** The job: two writes with the fencing token, and some work in between. */
  private void run(LockHandle held) throws IOException, InterruptedException {
    long token = held.fencingToken();
    io.say("begins " + write(token, "begun"));
    long frozen = work(held);
    if (frozen == 0) {
      io.say("sent " + write(token, "sent"));
      history.releasing(name, Demo.JOB, token);
      String result = held.release().name();
      history.released(name, Demo.JOB, token, result);
      io.say("released " + result);
    } else if (frozen > FROZEN.toMillis()) {
      // what code does that was frozen between its last look and its write: only the token helps
      io.say("late " + write(token, "sent, much too late"));
    }
  }

  /**
   * Works until the job is done or the lock is gone.
   *
   * @return 0 if it is done; else how many milliseconds had passed since the last look
   */
  private long work(LockHandle held) throws InterruptedException {
    long start = System.nanoTime();
    long lastLook = start;
    while (System.nanoTime() - start < runLength.toNanos()) {
      LockSupport.parkNanos(LOOK_EVERY.toNanos());
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      boolean isHeld = held.isHeld();
      long away = Duration.ofNanos(System.nanoTime() - lastLook).toMillis();
      if (away > FROZEN.toMillis() || !isHeld) {
        io.say("look " + isHeld + " " + away);
      }
      if (!isHeld) {
        return Math.max(1, away);
      }
      lastLook = System.nanoTime();
    }
    return 0;
  }

  private String write(long token, String text) throws IOException {
    return register.write(token, name + ": " + text) ? "accepted" : "rejected";
  }
}
