package dev.holdfast.lock.testkit.server;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.process.AtExit;
import dev.holdfast.lock.testkit.process.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server that runs as a child process with a folder of its own: all that does not depend on which
 * server it is.
 *
 * <p>Guarded by {@code lock}: process, paused, hasRun, closed. Waiting under it is meant: the
 * states of one server come one after another.
 */
final class ServerProcess implements TestServer {

  private static final Logger log = LoggerFactory.getLogger(ServerProcess.class);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(15);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int LOG_TAIL = 30;

  private final ServerRecipe recipe;
  private final ServerHome home;
  private final AtExit atExit;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable ChildProcess process;
  private boolean paused;
  private boolean hasRun;
  private boolean closed;

  private ServerProcess(ServerRecipe recipe, ServerHome home) {
    this.recipe = recipe;
    this.home = home;
    this.atExit = AtExit.close(this);
  }

  /** Prepares a server and starts it; leaves nothing behind if that fails. */
  static ServerProcess start(ServerRecipe recipe) {
    ServerProcess server = null;
    try {
      server = new ServerProcess(recipe, ServerHome.create(recipe.name()));
      recipe.prepare(server.home);
      server.start();
      return server;
    } catch (IOException | RuntimeException | AssertionError e) {
      if (server != null) {
        server.close();
      }
      throw e instanceof IOException io
          ? new UncheckedIOException("cannot start " + recipe.description(), io)
          : new IllegalStateException("cannot start " + recipe.description() + ": " + e, e);
    }
  }

  @Override
  public String host() {
    return ServerHome.HOST;
  }

  @Override
  public int port() {
    return home.port();
  }

  @Override
  public boolean isControllable() {
    return true;
  }

  @Override
  public boolean isRunning() {
    lock.lock();
    try {
      return process != null && process.isAlive();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void start() {
    locked(
        () -> {
          if (closed) {
            throw new IllegalStateException(description() + " is closed");
          }
          if (process == null || !process.isAlive()) {
            launch();
          }
        });
  }

  /**
   * Starts until it stays up: after a kill -9 the first try may meet a stale pid file, shared
   * memory that is still attached, or a port whose old connections linger. A server that never ran
   * has none of that, and its failure is final.
   */
  private void launch() {
    long start = System.nanoTime();
    ChildProcess child = spawn();
    while (!isUp(child)) {
      if (!hasRun || System.nanoTime() - start > Await.scaled(recipe.startLimit()).toNanos()) {
        throw new IllegalStateException(
            description() + " does not start; end of its log:\n" + tail());
      }
      LockSupport.parkNanos(RETRY_NANOS);
      child = spawn();
    }
    hasRun = true;
    process = child;
    paused = false;
    log.debug("{} runs on port {} as process {}", description(), home.port(), child.pid());
  }

  private ChildProcess spawn() {
    ProcessBuilder builder = Commands.quiet(home.folder(), recipe.command(home), home.log());
    builder.environment().putAll(recipe.environment());
    return ChildProcess.start(builder);
  }

  /** Waits until the process answers (true) or has ended (false). */
  private boolean isUp(ChildProcess child) {
    boolean[] healthy = {false};
    try {
      Await.until(
          description() + " to answer",
          recipe.startLimit(),
          () -> {
            healthy[0] = child.isAlive() && recipe.isHealthy(home, child.pid());
            return healthy[0] || !child.isAlive();
          });
    } catch (AssertionError e) {
      child.kill9();
      throw new IllegalStateException(e.getMessage() + "; end of its log:\n" + tail(), e);
    }
    if (!healthy[0]) {
      child.close();
    }
    return healthy[0];
  }

  @Override
  public void stop() {
    locked(() -> shutDown(recipe.stopSignal()));
  }

  private void shutDown(String signal) {
    ChildProcess running = process;
    if (running == null) {
      return;
    }
    if (paused) {
      running.cont();
      paused = false;
    }
    running.signal(signal, recipe.pid(home, running.pid()));
    if (!running.awaitExit(STOP_LIMIT)) {
      log.warn("{} ignored SIG{} for {}, so it is killed", description(), signal, STOP_LIMIT);
    }
    running.kill9();
    process = null;
  }

  @Override
  public void kill() {
    locked(
        () -> {
          if (process != null) {
            process.kill9();
            process = null;
            paused = false;
          }
        });
  }

  @Override
  public void pause() {
    locked(
        () -> {
          if (process == null || !process.isAlive()) {
            throw new IllegalStateException(description() + " is down and cannot be paused");
          }
          process.stop();
          paused = true;
        });
  }

  @Override
  public void resume() {
    locked(
        () -> {
          if (process != null && paused) {
            process.cont();
            paused = false;
          }
        });
  }

  @Override
  public String description() {
    return recipe.description();
  }

  @Override
  public List<String> logLines() {
    return home.logLines();
  }

  @Override
  public void close() {
    locked(
        () -> {
          if (!closed) {
            closed = true;
            kill();
            recipe.sweep(home);
            discard();
          }
        });
  }

  private void discard() {
    try {
      TempFolders.delete(home.folder());
    } catch (IOException e) {
      log.warn("could not delete {} of {}", home.folder(), description(), e);
    }
    atExit.forget();
  }

  @Override
  public String toString() {
    return description() + " on port " + home.port();
  }

  private String tail() {
    List<String> lines = logLines();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL), lines.size()));
  }

  private void locked(Runnable change) {
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
  }
}
