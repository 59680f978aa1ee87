package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.util.Map;
import org.testcontainers.containers.GenericContainer;

/** PostgreSQL in a container, set up by the official image's own means. */
record PostgresContainer(String image, Map<String, String> settings) implements ContainerRecipe {

  private static final int PORT = 5432;

  @Override
  public int port() {
    return PORT;
  }

  @Override
  public void prepare(GenericContainer<?> container) {
    StringBuilder command = new StringBuilder("postgres");
    settings.forEach(
        (name, value) -> command.append(" -c ").append(name).append('=').append(value));
    container
        .withEnv("POSTGRES_USER", PostgresServer.USER)
        .withEnv("POSTGRES_PASSWORD", PostgresServer.PASSWORD)
        .withEnv("POSTGRES_DB", "postgres")
        .withCommand(command.toString());
  }

  /** Over TCP: during its first set-up the image runs a server on the socket alone. */
  @Override
  public boolean isHealthy(DockerServer server) throws IOException {
    return server.run("pg_isready", "-h", "127.0.0.1", "-U", PostgresServer.USER);
  }
}
