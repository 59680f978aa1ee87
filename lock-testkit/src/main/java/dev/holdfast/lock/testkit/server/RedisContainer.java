package dev.holdfast.lock.testkit.server;

import java.util.List;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.images.builder.Transferable;

/**
 * A plain redis-server in a container.
 *
 * @param settings lines of the configuration, as {@link RedisRecipe} takes them
 */
record RedisContainer(String image, List<String> settings) implements ContainerRecipe {

  private static final int PORT = 6379;
  private static final String FILE = "/holdfast-redis.conf";

  @Override
  public int port() {
    return PORT;
  }

  @Override
  public void prepare(GenericContainer<?> container) {
    // who reaches it has come through the port that is bound to loopback
    List<String> listen = List.of("bind 0.0.0.0", "protected-mode no", "port {port}");
    List<String> lines = RedisRecipe.configuration(listen, settings, PORT, "/data");
    container
        .withCopyToContainer(Transferable.of(String.join("\n", lines) + "\n"), FILE)
        .withCommand("redis-server", FILE);
  }

  @Override
  public boolean isHealthy(DockerServer server) {
    return RedisRecipe.answers(server.address());
  }
}
