package dev.holdfast.lock.testkit.soak;

import dev.holdfast.lock.testkit.history.History;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.process.WorkerProcess;
import dev.holdfast.lock.testkit.soak.FaultKind.Place;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One of the soak's processes, which may be killed and followed by another of the same name, and
 * its own way to the store.
 *
 * <p>Guarded by {@code lock}: process, state, the fault of the network.
 */
final class Member implements AutoCloseable {

  /** What its process is doing. */
  private enum State {
    STARTING,
    READY,
    FROZEN,
    DOWN
  }

  private static final Duration LAST_WORDS = Duration.ofSeconds(40);

  private final String name;
  private final Optional<FaultProxy> network;
  private final IntFunction<SoakWorker.Task> tasks;
  private final History history;
  private final Consumer<String> failures;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable WorkerProcess process;
  private State state = State.DOWN;
  private boolean networkIsBroken;
  private int starts;
  private String usage = "";

  Member(
      String name,
      Optional<FaultProxy> network,
      IntFunction<SoakWorker.Task> tasks,
      History history,
      Consumer<String> failures) {
    this.name = name;
    this.network = network;
    this.tasks = tasks;
    this.history = history;
    this.failures = failures;
  }

  String name() {
    return name;
  }

  /** Starts a process; it says later that it is ready. */
  void start() {
    lock.lock();
    try {
      starts++;
      state = State.STARTING;
      int number = starts;
      process =
          WorkerProcess.builder(SoakWorker.class.getName())
              .name(name)
              .jvmOptions("-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
              .arguments(tasks.apply(number).toArguments())
              .onLine(line -> said(number, line))
              .start();
    } finally {
      lock.unlock();
    }
  }

  /** The history of its latest process. */
  Path file() {
    lock.lock();
    try {
      return tasks.apply(starts).history();
    } finally {
      lock.unlock();
    }
  }

  private void said(int number, String line) {
    lock.lock();
    try {
      if (number == starts && line.equals(SoakWorker.READY) && state == State.STARTING) {
        state = State.READY;
      } else if (line.startsWith(SoakWorker.FAILED)) {
        failures.accept(name + " " + line);
      } else if (line.startsWith(SoakWorker.USAGE)) {
        usage = line.substring(SoakWorker.USAGE.length());
      }
    } finally {
      lock.unlock();
    }
  }

  boolean isReady() {
    return state() == State.READY;
  }

  private State state() {
    lock.lock();
    try {
      return state;
    } finally {
      lock.unlock();
    }
  }

  /** Whether it died though nobody killed it. */
  boolean diedByItself() {
    lock.lock();
    try {
      return state != State.DOWN && process != null && !process.isAlive();
    } finally {
      lock.unlock();
    }
  }

  /** Threads and sockets, as it last said. */
  String usage() {
    lock.lock();
    try {
      return usage;
    } finally {
      lock.unlock();
    }
  }

  /** Whether such a fault would be one. */
  boolean canSuffer(FaultKind kind) {
    lock.lock();
    try {
      return kind.place() == Place.NETWORK
          ? network.isPresent() && !networkIsBroken
          : state == State.READY || (kind == FaultKind.KILL && state == State.FROZEN);
    } finally {
      lock.unlock();
    }
  }

  /** Breaks it. */
  void suffer(FaultKind kind, long random) {
    lock.lock();
    try {
      switch (kind) {
        case FREEZE -> freeze();
        case KILL -> kill();
        default -> {
          networkIsBroken = true;
          Networks.breakIt(network.orElseThrow(), kind, random);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends what {@link #suffer} began, if nothing else has. */
  void heal(FaultKind kind) {
    lock.lock();
    try {
      switch (kind) {
        case FREEZE -> thaw();
        case KILL -> start();
        default -> {
          network.orElseThrow().heal();
          networkIsBroken = false;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends what still lasts; one that is down stays down. */
  void healAll() {
    lock.lock();
    try {
      thaw();
      network.ifPresent(FaultProxy::heal);
      networkIsBroken = false;
    } finally {
      lock.unlock();
    }
  }

  private void freeze() {
    process().stop();
    history.paused(name);
    state = State.FROZEN;
  }

  private void thaw() {
    if (state == State.FROZEN) { // and not killed meanwhile
      state = State.READY;
      history.resumed(name);
      process().cont();
    }
  }

  private void kill() {
    process().kill9();
    history.killed(name);
    state = State.DOWN;
  }

  private WorkerProcess process() {
    if (process == null) {
      throw new IllegalStateException(name + " was never started");
    }
    return process;
  }

  /** Asks it to say how many threads and sockets it has. */
  void askUsage() {
    if (isReady()) {
      process().send("usage");
    }
  }

  /**
   * Lets it end in good order.
   *
   * @return what its client left behind in its process, empty if nothing
   */
  Optional<String> stop() {
    if (state() == State.DOWN) {
      return Optional.empty();
    }
    WorkerProcess last = process();
    last.send("stop");
    String left = last.awaitLine(SoakWorker.LEFT, LAST_WORDS).substring(SoakWorker.LEFT.length());
    lock.lock();
    try {
      state = State.DOWN;
    } finally {
      lock.unlock();
    }
    return left.isEmpty() ? Optional.empty() : Optional.of(left);
  }

  @Override
  public void close() {
    lock.lock();
    try {
      state = State.DOWN;
      if (process != null) {
        process.close();
      }
      network.ifPresent(FaultProxy::close);
    } finally {
      lock.unlock();
    }
  }
}
