package dev.holdfast.lock.testkit.server;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.Ports;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FreePorts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.testcontainers.containers.GenericContainer;

/**
 * A server in a container, started by Testcontainers and then controlled through the engine.
 *
 * <p>Its port is bound to a fixed one: the engine would give a mapped port a new number at every
 * restart, and a restart is supposed to happen under the clients' feet.
 */
final class DockerServer implements TestServer {

  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private final GenericContainer<?> container;
  private final String description;
  private final int port;
  private final String[] healthCheck;

  private DockerServer(GenericContainer<?> container, String image, int port, String[] check) {
    this.container = container;
    this.description = image + " from " + ServerSource.DOCKER;
    this.port = port;
    this.healthCheck = check;
  }

  /** Starts a container; {@code check} is a command in it that succeeds when it serves. */
  static DockerServer start(
      GenericContainer<?> container, String image, int inside, String... check) {
    int port = FreePorts.next();
    container.withExposedPorts(inside);
    container.withCreateContainerCmdModifier(
        create -> {
          Ports ports = new Ports();
          ports.bind(ExposedPort.tcp(inside), Ports.Binding.bindPort(port));
          Objects.requireNonNull(create.getHostConfig()).withPortBindings(ports);
        });
    container.start();
    DockerServer server = new DockerServer(container, image, port, check);
    server.awaitHealthy();
    return server;
  }

  private void awaitHealthy() {
    Await.until(
        this + " to answer",
        START_LIMIT,
        () -> container.execInContainer(healthCheck).getExitCode() == 0 && accepts());
  }

  private boolean accepts() throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host(), port), 500);
      return true;
    }
  }

  private DockerClient engine() {
    return container.getDockerClient();
  }

  private String id() {
    return container.getContainerId();
  }

  @Override
  public String host() {
    return container.getHost();
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
    if (!isRunning()) {
      engine().startContainerCmd(id()).exec();
      awaitHealthy();
    }
  }

  @Override
  public void stop() {
    if (isRunning()) {
      resume();
      engine().stopContainerCmd(id()).exec();
    }
  }

  @Override
  public void kill() {
    if (isRunning()) {
      engine().killContainerCmd(id()).exec();
      Await.until(this + " to be gone", START_LIMIT, () -> !isRunning());
    }
  }

  @Override
  public void pause() {
    engine().pauseContainerCmd(id()).exec();
  }

  @Override
  public void resume() {
    if (Boolean.TRUE.equals(container.getCurrentContainerInfo().getState().getPaused())) {
      engine().unpauseContainerCmd(id()).exec();
    }
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public List<String> logLines() {
    return container.getLogs().lines().toList();
  }

  @Override
  public void close() {
    container.close();
  }

  @Override
  public String toString() {
    return description + " on port " + port;
  }
}
