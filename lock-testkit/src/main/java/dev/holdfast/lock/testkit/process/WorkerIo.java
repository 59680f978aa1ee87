package dev.holdfast.lock.testkit.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The worker's side of {@link WorkerProcess}: takes commands from stdin, answers on stdout, and
 * ends the worker when its parent is gone.
 *
 * <pre>{@code
 * public static void main(String[] args) {
 *   WorkerIo io = WorkerIo.open();
 *   io.say("ready");
 *   io.serve(line -> io.say("did " + line));      // until the parent closes stdin or dies
 * }
 * }</pre>
 *
 * <p><b>Promise.</b> Lines are whole and flushed, from whatever thread. When stdin ends, the JVM is
 * halted at once, without shutdown hooks, just as if it had been killed: an orphan must not keep
 * working on a store.
 *
 * <p><b>Threads.</b> {@link #say} is safe for concurrent use; {@link #serve} and {@link
 * #serveAside} may be called once.
 */
public final class WorkerIo {

  /** The exit code of a worker whose parent closed its stdin. */
  public static final int PARENT_GONE = 0;

  /** The exit code of a worker whose command failed. */
  public static final int COMMAND_FAILED = 70;

  private final InputStream in;
  private final PrintStream out;

  private WorkerIo(InputStream in, PrintStream out) {
    this.in = in;
    this.out = out;
  }

  /** What a worker does with a command. */
  @FunctionalInterface
  public interface Command {

    /**
     * Carries out one command.
     *
     * @param line as the parent sent it
     * @throws Exception ends the worker with {@link #COMMAND_FAILED} and a stack trace on stderr
     */
    void run(String line) throws Exception;
  }

  /**
   * Takes over stdin and stdout. What others print to {@link System#out} goes to stderr from now
   * on, so that a chatty library cannot break a line in two.
   *
   * @return the one connection to the parent
   */
  public static WorkerIo open() {
    PrintStream stdout = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    return new WorkerIo(System.in, stdout);
  }

  /**
   * Sends one line to the parent.
   *
   * @param line without line breaks; those it has are replaced by blanks
   */
  public void say(String line) {
    byte[] bytes = (line.replaceAll("[\\r\\n]+", " ") + "\n").getBytes(StandardCharsets.UTF_8);
    // one write: a PrintStream takes whole arrays at a time, whatever thread they come from
    out.write(bytes, 0, bytes.length);
    out.flush();
  }

  /**
   * Runs the parent's commands on this thread, one after the other; never returns normally.
   *
   * @param command run for each line
   */
  public void serve(Command command) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        run(command, line);
      }
    } catch (IOException e) {
      // a broken stdin is a gone parent, too
    }
    halt(PARENT_GONE);
  }

  /**
   * Runs the parent's commands on a daemon thread named holdfast-worker-stdin, so that {@code main}
   * is free; the JVM still ends with stdin.
   *
   * @param command run for each line, on that thread
   */
  public void serveAside(Command command) {
    Thread thread = new Thread(() -> serve(command), "holdfast-worker-stdin");
    thread.setDaemon(true);
    thread.start();
  }

  private static void run(Command command, String line) {
    try {
      command.run(line);
    } catch (Throwable e) {
      System.err.println("command failed: " + line);
      e.printStackTrace(System.err);
      halt(COMMAND_FAILED);
    }
  }

  private static void halt(int code) {
    System.err.flush();
    Runtime.getRuntime().halt(code);
  }
}
