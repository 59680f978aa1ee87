package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;

/** How to run what the brokers of a {@link PulsarCluster} share: a ZooKeeper and a bookie. */
record PulsarStoreRecipe(PulsarClassPath classPath, int bookiePort) implements ServerRecipe {

  @Override
  public String name() {
    return "pulsar-store";
  }

  @Override
  public String description() {
    return "BookKeeper and ZooKeeper of Pulsar %s from %s"
        .formatted(classPath.version(), ServerSource.MAVEN);
  }

  @Override
  public void prepare(ServerHome home) throws IOException {
    PulsarProcess.prepare(home, PulsarProcess.settings());
    Files.createDirectories(PulsarProcess.zooKeeper(home));
  }

  @Override
  public List<String> command(ServerHome home) {
    List<String> command = PulsarProcess.standalone(home, classPath);
    command.add("--no-broker");
    command.addAll(List.of("--zookeeper-port", Integer.toString(home.port())));
    command.addAll(List.of("--bookkeeper-dir", home.data().resolve("bookkeeper").toString()));
    command.addAll(List.of("--bookkeeper-port", Integer.toString(bookiePort)));
    return command;
  }

  @Override
  public boolean isHealthy(ServerHome home, long root) throws IOException {
    return FourLetters.ask(ServerHome.HOST, home.port(), "dump").contains("/ledgers/available/")
        && new ServerHome(home.folder(), bookiePort).accepts();
  }

  @Override
  public Duration startLimit() {
    return PulsarProcess.START_LIMIT;
  }
}
