package dev.holdfast.lock.testkit.server;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * A real store for tests, which a test may stop, kill, pause and start again.
 *
 * <p><b>Promise.</b> A server that was started here listens on loopback only, on one port that it
 * keeps for life, and keeps its data over stops and kills until it is closed. Every method returns
 * only when the server has reached the state: {@link #start} when it answers, {@link #kill} when
 * none of its processes is left. {@link #close} leaves no process, folder or shared memory behind,
 * and so does the exit of this JVM.
 *
 * <p>Its folder lies in the one that the environment variable {@value #FOLDER_VARIABLE} (or the
 * system property {@value #FOLDER_PROPERTY}) names, else in {@code java.io.tmpdir}. One in memory
 * outlives a killed process as a disk does, and spares a test the moments in which a busy disk lets
 * a server wait for longer than a lease.
 *
 * <p><b>Threads.</b> Safe for concurrent use; calls that change the state run one after another.
 */
public interface TestServer extends AutoCloseable {

  /** The system property that names the folder for the servers' folders. */
  String FOLDER_PROPERTY = "holdfast.test.folder";

  /** The environment variable that names it where the property is not set. */
  String FOLDER_VARIABLE = "HOLDFAST_TEST_FOLDER";

  /**
   * Where the server listens.
   *
   * @return the host name or address
   */
  String host();

  /**
   * Where the server listens.
   *
   * @return the port, the same after every restart
   */
  int port();

  /**
   * Where the server listens, as a resolved address.
   *
   * @return host and port
   */
  default InetSocketAddress address() {
    return new InetSocketAddress(host(), port());
  }

  /**
   * Whether the methods that change the state work. They do not for an address that was given in
   * the environment: that server belongs to somebody else.
   *
   * @return false if they throw {@link UnsupportedOperationException}
   */
  boolean isControllable();

  /**
   * Whether the server runs, as far as is known here.
   *
   * @return true also while it is paused
   */
  boolean isRunning();

  /**
   * Starts a server that was stopped or killed, on the same port and data; does nothing while it
   * runs.
   *
   * @throws IllegalStateException if it does not answer within 30 s (scaled), with the end of its
   *     log; or if it is closed
   * @throws UnsupportedOperationException if it is not controllable
   */
  void start();

  /**
   * Shuts the server down in good order; does nothing while it is down. A paused one is resumed
   * first.
   *
   * @throws UnsupportedOperationException if it is not controllable
   */
  void stop();

  /**
   * Kills every process of the server by SIGKILL, paused or not; does nothing while it is down.
   *
   * @throws UnsupportedOperationException if it is not controllable
   */
  void kill();

  /**
   * Freezes every process of the server by SIGSTOP. Connections stay open and are not answered.
   *
   * @throws IllegalStateException if it is down
   * @throws UnsupportedOperationException if it is not controllable
   */
  void pause();

  /**
   * Lets a paused server go on; does nothing if it is not paused.
   *
   * @throws UnsupportedOperationException if it is not controllable
   */
  void resume();

  /**
   * Stops the server if it runs, and starts it.
   *
   * @throws UnsupportedOperationException if it is not controllable
   */
  default void restart() {
    stop();
    start();
  }

  /**
   * Which server this is and where it came from.
   *
   * @return for example {@code PostgreSQL 15.18 from PATH (/usr/lib/postgresql/15/bin)}
   */
  String description();

  /**
   * What the server has logged so far, over all its starts.
   *
   * @return the lines, oldest first; empty if its log cannot be read from here
   */
  List<String> logLines();

  /**
   * What the server has logged so far, over all its starts.
   *
   * @return the text of {@link #logLines}
   */
  default String log() {
    return String.join("\n", logLines());
  }

  /** Ends the server and deletes its data; idempotent. Leaves a server of others alone. */
  @Override
  void close();
}
