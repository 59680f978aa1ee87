package dev.holdfast.lock.testkit.server;

import java.util.Map;
import org.testcontainers.containers.GenericContainer;

/** PostgreSQL from its official image. */
final class PostgresContainer {

  private static final String IMAGE = "postgres:17-alpine";
  private static final int PORT_INSIDE = 5432;

  private PostgresContainer() {}

  @SuppressWarnings("resource") // the server closes its container
  static TestServer start(Map<String, String> settings) {
    StringBuilder command = new StringBuilder("postgres");
    settings.forEach(
        (name, value) -> command.append(" -c ").append(name).append('=').append(value));
    GenericContainer<?> container =
        new GenericContainer<>(IMAGE)
            .withEnv("POSTGRES_USER", PostgresServer.USER)
            .withEnv("POSTGRES_PASSWORD", PostgresServer.PASSWORD)
            .withEnv("POSTGRES_DB", "postgres")
            .withCommand(command.toString());
    // over TCP: during its first set-up the image runs a server on the socket alone
    return DockerServer.start(
        container, IMAGE, PORT_INSIDE, "pg_isready", "-h", "127.0.0.1", "-U", PostgresServer.USER);
  }
}
