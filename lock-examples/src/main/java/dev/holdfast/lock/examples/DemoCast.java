package dev.holdfast.lock.examples;

import static dev.holdfast.lock.examples.DemoScreen.seconds;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.process.WorkerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The demo's worker processes, as seen from outside: shows what they say, and waits for it.
 *
 * <p>Used by one thread.
 */
final class DemoCast implements AutoCloseable {

  private static final long TICK_MILLIS = 50;
  private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

  private final DemoScreen screen;
  private final Supplier<String> status;
  private final BlockingQueue<Said> said = new LinkedBlockingQueue<>();
  private final List<Actor> actors = new ArrayList<>();

  DemoCast(DemoScreen screen, Supplier<String> status) {
    this.screen = screen;
    this.status = status;
  }

  /** A worker process and its own way to the store. */
  record Actor(String name, WorkerProcess process, Optional<FaultProxy> network) {

    @Override
    public String toString() {
      return name + " (" + process.pid() + ")";
    }
  }

  /** A line of a worker: {@code word} says what happened. */
  record Said(String name, String word, String rest) {

    static Said parse(String name, String line) {
      String[] words = line.split(" ", 2);
      return new Said(name, words[0], words.length < 2 ? "" : words[1]);
    }

    boolean is(String expected) {
      return word.equals(expected);
    }

    boolean by(Actor actor) {
      return name.equals(actor.name());
    }
  }

  /** What was to happen did not; the message is for the user. */
  static final class Failed extends RuntimeException {
    Failed(String message) {
      super(message);
    }
  }

  void start(String name, DemoStore.Line line, Duration lease, Path history, int registerPort) {
    WorkerProcess process =
        WorkerProcess.builder(DemoWorker.class.getName())
            .name(name)
            .jvmOptions("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
            .arguments(
                name,
                line.uri(),
                Long.toString(lease.toMillis()),
                history.toString(),
                Integer.toString(registerPort))
            .onLine(text -> said.add(Said.parse(name, text)))
            .start();
    actors.add(new Actor(name, process, line.proxy()));
  }

  List<Actor> actors() {
    return List.copyOf(actors);
  }

  /**
   * Shows all that happens until the wanted line comes.
   *
   * @param what for the message
   * @return who said it
   * @throws Failed if it does not come in time, or a worker failed
   */
  Actor await(String what, Duration limit, Predicate<Said> wanted) {
    return look(Await.scaled(limit), wanted)
        .orElseThrow(() -> new Failed("%s: not within %s".formatted(what, seconds(limit))));
  }

  /** Shows all that happens for a while. */
  void pass(Duration time) {
    look(time, line -> false);
  }

  private Optional<Actor> look(Duration limit, Predicate<Said> wanted) {
    long end = System.nanoTime() + limit.toNanos();
    while (System.nanoTime() - end < 0) {
      Optional<Said> line = next();
      line.ifPresentOrElse(this::show, () -> screen.status(status.get()));
      if (line.filter(wanted).isPresent()) {
        return actors.stream().filter(line.get()::by).findFirst();
      }
    }
    return Optional.empty();
  }

  private Optional<Said> next() {
    try {
      return Optional.ofNullable(said.poll(TICK_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("interrupted");
    }
  }

  private void show(Said line) {
    String text =
        switch (line.word()) {
          case "ready" -> "waits for its turn";
          case "holds" -> "HOLDS THE LOCK, fencing token " + line.rest();
          case "begins" -> "begins to send" + unlessAccepted(line.rest());
          case "sent" -> "e-mail sent" + unlessAccepted(line.rest());
          case "released" -> "lock released" + unless("RELEASED", line.rest());
          case "lost" -> "TOLD OF THE LOSS (" + line.rest() + ")";
          case "look" -> looked(line.rest());
          case "late" -> "writes with its old token: " + line.rest();
          case "failed" -> throw new Failed(line.name() + ": " + line.rest());
          default -> "";
        };
    if (!text.isEmpty()) {
      screen.event(line.name(), text);
    }
  }

  private static String looked(String rest) {
    String[] words = rest.split(" ", 2);
    Duration away = Duration.ofMillis(Long.parseLong(words[1]));
    return away.compareTo(DemoWorker.FROZEN) < 0
        ? "isHeld() is " + words[0] + ", so it stops"
        : "was away for %s; its first isHeld() is %s".formatted(seconds(away), words[0]);
  }

  private static String unlessAccepted(String answer) {
    return unless("accepted", answer);
  }

  private static String unless(String expected, String answer) {
    return answer.equals(expected) ? "" : ": " + answer;
  }

  /** Asks those that live to stop, and waits for them. */
  void stop() {
    List<Actor> living = actors.stream().filter(actor -> actor.process().isAlive()).toList();
    living.forEach(actor -> actor.process().send("stop"));
    for (Actor actor : living) {
      if (!actor.process().awaitExit(STOP_LIMIT)) {
        throw new Failed(actor.name() + " does not stop");
      }
    }
  }

  /** Leaves nothing of them behind. */
  @Override
  public void close() {
    actors.forEach(actor -> actor.process().close());
    actors.forEach(actor -> actor.network().ifPresent(FaultProxy::close));
  }
}
