package dev.holdfast.lock.testkit.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;

/** Looks for Docker, without needing the optional Testcontainers for it. */
final class DockerEngine {

  private DockerEngine() {}

  /**
   * Whether an engine answers. Asks Testcontainers only where there is a trace of one, since its
   * search without any takes seconds and logs errors.
   */
  static boolean isAvailable() {
    boolean trace =
        System.getenv("DOCKER_HOST") != null
            || System.getenv("TESTCONTAINERS_HOST_OVERRIDE") != null
            || sockets().anyMatch(Files::exists);
    try {
      return trace && DockerClientFactory.instance().isDockerAvailable();
    } catch (LinkageError e) {
      return false; // Testcontainers is optional
    }
  }

  private static Stream<Path> sockets() {
    String home = System.getProperty("user.home");
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    return Stream.of(
        Path.of("/var/run/docker.sock"),
        Path.of(home, ".docker", "run", "docker.sock"),
        Path.of(home, ".docker", "desktop", "docker.sock"),
        Path.of(home, ".testcontainers.properties"),
        Path.of(runtime == null ? "/run" : runtime, "docker.sock"));
  }
}
