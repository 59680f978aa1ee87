package dev.holdfast.lock.testkit.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testcontainers.containers.GenericContainer;

/** An etcd of one member in a container. Its metrics are asked for on the port of the clients. */
record EtcdContainer(String image, Map<String, String> flags) implements ContainerRecipe {

  private static final int PORT = 2379;

  @Override
  public int port() {
    return PORT;
  }

  @Override
  public void prepare(GenericContainer<?> container) {
    String peer = "http://127.0.0.1:2380";
    List<String> command = new ArrayList<>(List.of("etcd", "--name=alone"));
    command.add("--data-dir=/holdfast-etcd");
    command.add("--listen-client-urls=http://0.0.0.0:" + PORT);
    command.add("--advertise-client-urls=http://127.0.0.1:" + PORT);
    command.add("--listen-peer-urls=" + peer);
    command.add("--initial-advertise-peer-urls=" + peer);
    command.add("--initial-cluster=alone=" + peer);
    command.add("--logger=zap");
    command.add("--log-outputs=stderr");
    flags.forEach((name, value) -> command.add("--" + name + "=" + value));
    container.withCommand(command.toArray(String[]::new));
  }

  @Override
  public boolean isHealthy(DockerServer server) {
    return EtcdMetrics.isHealthy(server.port());
  }
}
