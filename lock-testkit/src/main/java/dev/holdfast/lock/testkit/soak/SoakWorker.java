package dev.holdfast.lock.testkit.soak;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.testkit.history.FencedRegisterClient;
import dev.holdfast.lock.testkit.history.History;
import dev.holdfast.lock.testkit.process.WorkerIo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * One of a soak's processes: a client and a thread per lock, which wants it all the time. Writes
 * down what happens in its history file; says {@code ready}, {@code usage ...}, {@code left ...}.
 */
final class SoakWorker {

  static final String READY = "ready";
  static final String FAILED = "failed ";
  static final String USAGE = "usage ";
  static final String LEFT = "left ";

  private static final Duration REGISTER_LIMIT = Duration.ofSeconds(20);
  private static final long RETRY_NANOS = Duration.ofMillis(200).toNanos();

  private final WorkerIo io;
  private final CountDownLatch stop = new CountDownLatch(1);

  private SoakWorker(WorkerIo io) {
    this.io = io;
  }

  /** What a worker is told. */
  record Task(
      String name, String uri, Duration lease, Path history, List<Integer> registers, long seed) {

    String[] toArguments() {
      List<String> words = new ArrayList<>();
      words.addAll(List.of(name, uri, lease.toString(), history.toString(), Long.toString(seed)));
      registers.forEach(port -> words.add(port.toString()));
      return words.toArray(String[]::new);
    }

    static Task parse(String[] words) {
      List<Integer> ports =
          List.of(words).subList(5, words.length).stream().map(Integer::valueOf).toList();
      return new Task(
          words[0],
          words[1],
          Duration.parse(words[2]),
          Path.of(words[3]),
          ports,
          Long.parseLong(words[4]));
    }
  }

  public static void main(String[] arguments) {
    // Ctrl-C in a terminal reaches all its processes; when this one ends is for its parent to say
    Runtime.getRuntime().addShutdownHook(new Thread(SoakWorker::sleep, "soak-wait-for-parent"));
    SoakWorker worker = new SoakWorker(WorkerIo.open());
    worker.io.serveAside(worker::command);
    try {
      worker.run(Task.parse(arguments));
    } catch (IOException | RuntimeException | InterruptedException e) {
      worker.fail(e);
    }
    Runtime.getRuntime().halt(0);
  }

  private static void sleep() {
    while (true) {
      LockSupport.park();
    }
  }

  private void command(String line) {
    switch (line) {
      case "stop" -> stop.countDown();
      case "usage" -> io.say(USAGE + Belongings.count());
      default -> throw new IllegalArgumentException(line);
    }
  }

  private void run(Task task) throws IOException, InterruptedException {
    List<FencedRegisterClient> registers = connect(task);
    try (History history = History.toFile(task.name(), task.history());
        StallWatch stalls = StallWatch.start(history)) {
      Belongings before = Belongings.now();
      try (LockClient client = open(task)) {
        List<SoakTurns> turns = new ArrayList<>();
        for (int i = 0; i < registers.size(); i++) {
          var journal =
              new SoakTurns.Journal(history, task.name(), "t" + (i + 1), Soak.lockName(i));
          turns.add(
              new SoakTurns(
                  client.lock(Soak.lockName(i)),
                  task.lease(),
                  new Random(task.seed() * 31 + i),
                  journal,
                  registers.get(i)));
        }
        List<Thread> threads = turns.stream().map(this::start).toList();
        io.say(READY);
        stop.await();
        turns.forEach(SoakTurns::stop);
        for (Thread thread : threads) {
          thread.join();
        }
      }
      io.say(LEFT + before.awaitNothingNew());
    }
  }

  private Thread start(SoakTurns turns) {
    Thread thread =
        new Thread(
            () -> {
              try {
                turns.run();
              } catch (IOException | RuntimeException e) {
                fail(e);
              }
            },
            "soak-turns");
    thread.start();
    return thread;
  }

  private void fail(Exception e) {
    e.printStackTrace(System.err);
    io.say(FAILED + e);
    Runtime.getRuntime().halt(1);
  }

  private static List<FencedRegisterClient> connect(Task task) throws IOException {
    List<FencedRegisterClient> registers = new ArrayList<>();
    for (int port : task.registers()) {
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      registers.add(FencedRegisterClient.connect(address, REGISTER_LIMIT));
    }
    return registers;
  }

  /** A process may begin while the store is away. */
  private LockClient open(Task task) {
    LockClientOptions options = Soak.clientOptions(task.name(), task.lease());
    while (true) {
      try {
        return LockClient.connect(task.uri(), options);
      } catch (LockBackendException e) {
        if (stop.getCount() == 0) {
          throw e;
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }
}
