package dev.holdfast.lock.testkit.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A second JVM that a test talks to in lines, and that it may pause and kill.
 *
 * <p><b>Promise.</b> What the worker prints on stdout arrives here line by line, in order, in
 * UTF-8; stderr goes to the log at DEBUG and into the message of a failure. The worker does not
 * outlive this JVM: it is killed at exit, and one that uses {@link WorkerIo} also ends when this
 * JVM was itself killed.
 *
 * <p><b>Threads.</b> Safe for concurrent use. Two daemon threads read the worker's output;
 * listeners run on the one for stdout and should not block.
 *
 * <p>Workers read {@link System#nanoTime()} from the same clock as this JVM where the JDK takes it
 * from the host (Linux does), so instants of both can be compared.
 */
public final class WorkerProcess implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(WorkerProcess.class);

  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  private final String name;
  private final ChildProcess child;
  private final Lines out = new Lines();
  private final Lines err = new Lines();
  private final List<Consumer<String>> listeners;
  private final ReentrantLock writing = new ReentrantLock();

  WorkerProcess(String name, ProcessBuilder builder, List<Consumer<String>> listeners) {
    this.name = name;
    this.listeners = new CopyOnWriteArrayList<>(listeners);
    this.child = ChildProcess.start(builder);
    String thread = "holdfast-worker-" + name + "-";
    LineReader.start(thread + "err", child.process().getErrorStream(), this::onError, err::end);
    LineReader.start(thread + "out", child.process().getInputStream(), this::onLine, out::end);
  }

  /**
   * Starts a worker with the class path, the Java and the timeout factor of this JVM.
   *
   * @param main the class with the {@code main} method
   * @param arguments for {@code main}
   * @return the running worker
   */
  public static WorkerProcess start(Class<?> main, String... arguments) {
    return builder(main.getName()).arguments(arguments).start();
  }

  /**
   * Prepares a worker.
   *
   * @param mainClass the name of the class with the {@code main} method
   * @return a builder with the class path, the Java and the timeout factor of this JVM
   */
  public static WorkerBuilder builder(String mainClass) {
    return new WorkerBuilder(mainClass);
  }

  /**
   * Calls {@code listener} with every line that arrives from now on, in order, before {@link
   * #awaitLine(Predicate, Duration)} can return it.
   *
   * @param listener runs on the reading thread; what it throws is logged and ignored
   */
  public void onLine(Consumer<String> listener) {
    listeners.add(listener);
  }

  /**
   * Sends one line to the worker's stdin.
   *
   * @param line without line breaks
   * @throws IllegalArgumentException if it holds a line break
   * @throws UncheckedIOException if the worker has ended
   */
  public void send(String line) {
    if (line.indexOf('\n') >= 0 || line.indexOf('\r') >= 0) {
      throw new IllegalArgumentException("more than one line: " + line);
    }
    writing.lock();
    try {
      var stdin = child.process().getOutputStream();
      stdin.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      stdin.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("worker " + name + " takes no more lines" + errors(), e);
    } finally {
      writing.unlock();
    }
  }

  /**
   * Takes the oldest line that matches and that no other call took, waiting for it if need be.
   * Lines that do not match stay for other calls.
   *
   * @param wanted which line; called under a lock, so it should only look
   * @param limit before scaling by {@link dev.holdfast.lock.testkit.Await#scaled}
   * @return the line
   * @throws AssertionError if the limit passed, the worker ended, or the thread was interrupted
   *     (the flag stays set); says what did arrive and how the worker ended
   */
  public String awaitLine(Predicate<String> wanted, Duration limit) {
    try {
      return out.take(wanted, limit).orElseThrow(() -> noSuchLine("in " + limit));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw noSuchLine("before the interrupt");
    }
  }

  /**
   * Takes the oldest line that starts with {@code prefix}, as {@link #awaitLine(Predicate,
   * Duration)} does.
   *
   * @param prefix what the line starts with
   * @param limit before scaling
   * @return the whole line
   * @throws AssertionError as above
   */
  public String awaitLine(String prefix, Duration limit) {
    return awaitLine(line -> line.startsWith(prefix), limit);
  }

  /**
   * What the worker printed and nobody took.
   *
   * @return the lines so far, oldest first
   */
  public List<String> lines() {
    return out.all();
  }

  /** Kills the worker by SIGKILL, stopped or not; returns when it is gone. */
  public void kill9() {
    child.kill9();
  }

  /** Freezes the worker by SIGSTOP; returns when none of its threads runs any more. */
  public void stop() {
    child.stop();
  }

  /** Lets a frozen worker go on, by SIGCONT. */
  public void cont() {
    child.cont();
  }

  /**
   * Whether the worker runs or is frozen.
   *
   * @return false once it has ended
   */
  public boolean isAlive() {
    return child.isAlive();
  }

  /**
   * The worker's process id.
   *
   * @return the id, also after the end
   */
  public long pid() {
    return child.pid();
  }

  /**
   * Waits for the worker to end by itself.
   *
   * @param limit before scaling
   * @return whether it has ended
   */
  public boolean awaitExit(Duration limit) {
    return child.awaitExit(limit);
  }

  /**
   * How the worker ended.
   *
   * @return its exit code (137 after a kill -9), empty while it is alive
   */
  public OptionalInt exitCode() {
    return child.exitCode();
  }

  /** Closes the worker's stdin, which tells one that uses {@link WorkerIo} to exit. */
  public void closeStdin() {
    closeQuietly();
  }

  /** Kills the worker if it still lives and reaps it; idempotent. */
  @Override
  public void close() {
    child.close();
    closeQuietly();
  }

  @Override
  public String toString() {
    return "worker " + name + " (" + child.pid() + ")";
  }

  private void closeQuietly() {
    try {
      child.process().getOutputStream().close();
    } catch (IOException e) {
      // the pipe of a worker that is gone
    }
  }

  private void onLine(String line) {
    for (Consumer<String> listener : listeners) {
      try {
        listener.accept(line);
      } catch (RuntimeException | AssertionError e) {
        log.warn("a listener of worker {} failed on: {}", name, line, e);
      }
    }
    // only now: whoever has awaited a line may rely on the listeners having heard it
    out.add(line);
  }

  private void onError(String line) {
    err.add(line);
    log.debug("worker {}: {}", name, line);
  }

  private AssertionError noSuchLine(String when) {
    if (out.isEnded()) {
      awaitLastWords();
    }
    OptionalInt code = child.exitCode();
    String end = code.isPresent() ? "; it ended with " + code.getAsInt() : "";
    return new AssertionError(
        "no such line from worker "
            + name
            + " "
            + when
            + end
            + "; untaken: "
            + tail(out)
            + errors());
  }

  /** Its end and its stack trace come by other ways than the end of its output, so a bit later. */
  private void awaitLastWords() {
    child.awaitExit(LAST_WORDS);
    try {
      err.take(line -> false, LAST_WORDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String errors() {
    List<String> last = tail(err);
    return last.isEmpty() ? "" : "; stderr: " + String.join("\n", last);
  }

  private static List<String> tail(Lines lines) {
    List<String> all = lines.all();
    return all.subList(Math.max(0, all.size() - 30), all.size());
  }
}
