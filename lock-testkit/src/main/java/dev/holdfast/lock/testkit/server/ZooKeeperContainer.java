package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.images.builder.Transferable;

/** A ZooKeeper that stands alone, in a container. */
record ZooKeeperContainer(
    String image, Map<String, String> settings, Map<String, String> properties)
    implements ContainerRecipe {

  private static final int PORT = 2181;
  private static final String FILE = "/holdfast-zoo.cfg";

  @Override
  public int port() {
    return PORT;
  }

  @Override
  public void prepare(GenericContainer<?> container) {
    List<String> lines = ZooKeeperRecipe.configuration("/data", PORT, "0.0.0.0", settings);
    String flags =
        new TreeMap<>(properties)
            .entrySet().stream()
                .map(each -> "-D" + each.getKey() + "=" + each.getValue())
                .collect(Collectors.joining(" "));
    container
        .withCopyToContainer(Transferable.of(String.join("\n", lines) + "\n"), FILE)
        .withEnv("SERVER_JVMFLAGS", flags)
        .withCommand("zkServer.sh", "start-foreground", FILE);
  }

  @Override
  public boolean isHealthy(DockerServer server) throws IOException {
    return ZooKeeperRecipe.serves(server.host(), server.port());
  }
}
