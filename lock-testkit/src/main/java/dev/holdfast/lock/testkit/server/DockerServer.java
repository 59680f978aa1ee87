package dev.holdfast.lock.testkit.server;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.Ports;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FreePorts;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;

/**
 * A server in a container, started by Testcontainers and then controlled through the engine.
 *
 * <p>Its port is bound to a fixed one: the engine would give a mapped port a new number at every
 * restart, and a restart is supposed to happen under the clients' feet.
 *
 * <p>Guarded by {@code lock}: the state of the container, closed.
 */
final class DockerServer implements TestServer {

  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private final ContainerRecipe recipe;
  private final GenericContainer<?> container;
  private final int port = FreePorts.next();
  private final ReentrantLock lock = new ReentrantLock();
  private boolean closed;

  private DockerServer(ContainerRecipe recipe) {
    this.recipe = recipe;
    this.container = new GenericContainer<>(recipe.image());
  }

  /** Starts a container; leaves none behind if that fails. */
  static DockerServer start(ContainerRecipe recipe) {
    DockerServer server = new DockerServer(recipe);
    try {
      recipe.prepare(server.container);
      server.create();
      server.awaitHealthy();
      return server;
    } catch (RuntimeException | AssertionError e) {
      String log = server.container.getContainerId() == null ? "" : server.log();
      server.close();
      throw new IllegalStateException(
          "cannot start " + server.description() + ": " + e + "; its log:\n" + log, e);
    }
  }

  private void create() {
    container.withExposedPorts(recipe.port());
    container.withCreateContainerCmdModifier(
        create -> {
          Ports ports = new Ports();
          ports.bind(ExposedPort.tcp(recipe.port()), binding());
          Objects.requireNonNull(create.getHostConfig()).withPortBindings(ports);
        });
    container.start();
  }

  /** On loopback only, where the engine is on this machine. */
  private Ports.Binding binding() {
    return host().equals(ServerHome.HOST)
        ? Ports.Binding.bindIpAndPort(ServerHome.HOST, port)
        : Ports.Binding.bindPort(port);
  }

  private void awaitHealthy() {
    Await.until(this + " to answer", START_LIMIT, () -> recipe.isHealthy(this));
  }

  /** Runs a program in the container, and tells whether it ended well. */
  boolean run(String... command) throws IOException {
    return exec(command).getExitCode() == 0;
  }

  /** Runs a program in the container, and returns what it printed. */
  String ask(String program, List<String> words) throws IOException {
    String[] command = Stream.concat(Stream.of(program), words.stream()).toArray(String[]::new);
    ExecResult result = exec(command);
    if (result.getExitCode() != 0) {
      throw new IOException(
          "exit code %d from %s: %s%s"
              .formatted(
                  result.getExitCode(), List.of(command), result.getStdout(), result.getStderr()));
    }
    return result.getStdout();
  }

  private ExecResult exec(String... command) throws IOException {
    try {
      return container.execInContainer(command);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while " + command[0] + " ran in " + this);
    }
  }

  private DockerClient engine() {
    return container.getDockerClient();
  }

  private String id() {
    return container.getContainerId();
  }

  /** By number where it is this machine: by its name, clients would try IPv6, too. */
  @Override
  public String host() {
    String host = container.getHost();
    return host.equals("localhost") ? ServerHome.HOST : host;
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public boolean isControllable() {
    return true;
  }

  @Override
  public boolean isRunning() {
    return container.isRunning();
  }

  @Override
  public void start() {
    locked(
        () -> {
          if (closed) {
            throw new IllegalStateException(description() + " is closed");
          }
          if (!isRunning()) {
            engine().startContainerCmd(id()).exec();
            awaitHealthy();
          }
        });
  }

  @Override
  public void stop() {
    locked(
        () -> {
          if (isRunning()) {
            resume();
            engine().stopContainerCmd(id()).exec();
          }
        });
  }

  @Override
  public void kill() {
    locked(
        () -> {
          if (isRunning()) {
            engine().killContainerCmd(id()).exec();
            Await.until(this + " to be gone", START_LIMIT, () -> !isRunning());
          }
        });
  }

  @Override
  public void pause() {
    locked(
        () -> {
          if (!isRunning()) {
            throw new IllegalStateException(description() + " is down and cannot be paused");
          }
          engine().pauseContainerCmd(id()).exec();
        });
  }

  @Override
  public void resume() {
    locked(
        () -> {
          if (isPaused()) {
            engine().unpauseContainerCmd(id()).exec();
          }
        });
  }

  private boolean isPaused() {
    return Boolean.TRUE.equals(container.getCurrentContainerInfo().getState().getPaused());
  }

  @Override
  public String description() {
    return recipe.image() + " from " + ServerSource.DOCKER;
  }

  @Override
  public List<String> logLines() {
    return container.getLogs().lines().toList();
  }

  @Override
  public void close() {
    locked(
        () -> {
          closed = true;
          container.close();
        });
  }

  @Override
  public String toString() {
    return description() + " on port " + port;
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
