package dev.holdfast.lock.testkit.process;

import dev.holdfast.lock.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A child process and all that it started, which a test may stop, continue and kill.
 *
 * <p><b>Promise.</b> Signals have taken effect when the method returns: a stopped tree runs no
 * instruction, a killed one is gone. The tree does not outlive this JVM, unless this JVM itself
 * dies by {@code kill -9}.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 *
 * <p>Signals need a POSIX {@code sh}; elsewhere only {@link #kill9()} works.
 */
public final class ChildProcess implements AutoCloseable {

  private static final Duration SIGNAL_LIMIT = Duration.ofSeconds(10);

  private final Process process;
  private final AtExit atExit;

  private ChildProcess(Process process) {
    this.process = process;
    this.atExit = AtExit.close(this::kill9);
  }

  /**
   * Starts a process.
   *
   * @param builder says what to start
   * @return the running process
   * @throws UncheckedIOException if it cannot be started
   */
  public static ChildProcess start(ProcessBuilder builder) {
    try {
      return new ChildProcess(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + builder.command(), e);
    }
  }

  Process process() {
    return process;
  }

  /**
   * The id of the root of the tree.
   *
   * @return the process id, also after the end
   */
  public long pid() {
    return process.pid();
  }

  /**
   * Whether the root of the tree runs or is stopped.
   *
   * @return false once it has ended
   */
  public boolean isAlive() {
    return process.isAlive();
  }

  /**
   * How the root of the tree ended.
   *
   * @return its exit code (128 + the signal if it was killed by one), empty while it is alive
   */
  public OptionalInt exitCode() {
    return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
  }

  /**
   * Sends a signal to one process of the tree and does not wait for its effect.
   *
   * @param signal the name without SIG, such as {@code INT}
   * @param pid the process; nothing is sent if it is not, or no longer, one of the tree
   */
  public void signal(String signal, long pid) {
    if (tree().contains(pid)) {
      uninterrupted(() -> send(signal, List.of(pid)));
    }
  }

  /** Sends SIGSTOP to the whole tree; returns when no thread of it runs any more. */
  public void stop() {
    uninterrupted(this::stopTree);
  }

  private void stopTree() {
    // parents first, and look again: a process that still ran may have had another child
    Set<Long> stopped = new LinkedHashSet<>();
    while (stopped.addAll(tree())) {
      send("STOP", List.copyOf(stopped));
      Await.until(
          "processes " + stopped + " to stop",
          SIGNAL_LIMIT,
          () -> stopped.stream().allMatch(ProcessState::isStopped));
    }
  }

  /** Sends SIGCONT to the whole tree. */
  public void cont() {
    List<Long> tree = tree();
    if (!tree.isEmpty()) {
      uninterrupted(() -> send("CONT", tree));
    }
  }

  /** Kills the whole tree by SIGKILL; returns when it is gone. Works on a stopped tree as well. */
  public void kill9() {
    uninterrupted(this::killTree);
    atExit.forget();
  }

  private void killTree() {
    if (process.isAlive() && process.descendants().findAny().isPresent()) {
      // a parent that still runs could have another child between the look and the kill
      stopTree();
    }
    List<ProcessHandle> killed = new ArrayList<>();
    killed.add(process.toHandle());
    process.descendants().forEach(killed::add);
    killed.forEach(ProcessHandle::destroyForcibly);
    Await.until(
        "killed processes " + killed + " to be gone",
        SIGNAL_LIMIT,
        () -> killed.stream().allMatch(handle -> ProcessState.isGone(handle.pid())));
    awaitExit(SIGNAL_LIMIT);
  }

  /**
   * Waits for the end of the root of the tree.
   *
   * @param limit before scaling by {@link Await#scaled}
   * @return whether it has ended; false also if interrupted, with the flag set
   */
  public boolean awaitExit(Duration limit) {
    try {
      return process.waitFor(Await.scaled(limit).toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Same as {@link #kill9()}; does nothing if the process has ended. */
  @Override
  public void close() {
    kill9();
  }

  /** Clean-up must work on an interrupted thread too, and leave the flag as it was. */
  private static void uninterrupted(Runnable work) {
    boolean interrupted = Thread.interrupted();
    try {
      work.run();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private List<Long> tree() {
    List<Long> pids = new ArrayList<>();
    if (process.isAlive()) {
      pids.add(process.pid());
      process.descendants().filter(ProcessHandle::isAlive).forEach(child -> pids.add(child.pid()));
    }
    return pids;
  }

  private static void send(String signal, List<Long> pids) {
    StringBuilder command = new StringBuilder("kill -s ").append(signal);
    pids.forEach(pid -> command.append(' ').append(pid));
    // the shell's own kill: /bin/kill is missing in slim images.  One that just ended is no error
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", command + " 2>/dev/null || true")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    try {
      Process shell = builder.start();
      if (!shell.waitFor(SIGNAL_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        shell.destroyForcibly();
        throw new IllegalStateException("no end of: " + command);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run sh for: " + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted during: " + command, e);
    }
  }
}
