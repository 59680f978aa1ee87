package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How to run Pulsar's broker from its jars: one process that is broker, bookie and metadata store.
 *
 * @param admin where its commands over HTTP are answered
 * @param settings entries of {@code standalone.conf}
 * @param environment variables of its process
 */
record PulsarRecipe(
    PulsarClassPath classPath,
    PulsarAdmin admin,
    int bookiePort,
    PulsarListeners listeners,
    Map<String, String> settings,
    Map<String, String> environment)
    implements ServerRecipe {

  @Override
  public String name() {
    return "pulsar";
  }

  @Override
  public String description() {
    return "Pulsar %s from %s".formatted(classPath.version(), ServerSource.MAVEN);
  }

  @Override
  public void prepare(ServerHome home) throws IOException {
    Map<String, String> all = new LinkedHashMap<>(PulsarProcess.settings());
    all.put("brokerServicePort", Integer.toString(home.port()));
    all.put("webServicePort", Integer.toString(admin.port()));
    all.put("loadBalancerEnabled", "false");
    all.putAll(listeners.settings(home.port()));
    all.putAll(settings);
    PulsarProcess.prepare(home, all);
  }

  @Override
  public List<String> command(ServerHome home) {
    List<String> command = PulsarProcess.standalone(home, classPath);
    command.addAll(List.of("--metadata-dir", home.data().resolve("metadata").toString()));
    command.addAll(List.of("--bookkeeper-dir", home.data().resolve("bookkeeper").toString()));
    command.addAll(List.of("--bookkeeper-port", Integer.toString(bookiePort)));
    return command;
  }

  /**
   * It makes the namespace public/default last of all; and then it has yet to open its first topic,
   * which may take longer than all of that.
   */
  @Override
  public boolean isHealthy(ServerHome home, long root) {
    return home.accepts()
        && admin.answers("namespaces/public", "public/default")
        && admin.isHealthy();
  }

  @Override
  public Duration startLimit() {
    return PulsarProcess.START_LIMIT;
  }
}
