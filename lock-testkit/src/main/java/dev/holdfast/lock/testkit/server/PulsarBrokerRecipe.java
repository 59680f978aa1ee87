package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How to run one broker of a {@link PulsarCluster}. Not by the program that is all of Pulsar: such
 * a broker takes itself for the only one, and tells clients to reach every topic through it.
 *
 * @param zooKeeperPort of the store that it shares with others
 */
record PulsarBrokerRecipe(
    PulsarClassPath classPath, PulsarAdmin admin, int zooKeeperPort, Map<String, String> settings)
    implements ServerRecipe {

  @Override
  public String name() {
    return "pulsar-broker";
  }

  @Override
  public String description() {
    return "Pulsar %s from %s, broker of a cluster"
        .formatted(classPath.version(), ServerSource.MAVEN);
  }

  @Override
  public void prepare(ServerHome home) throws IOException {
    String store = "zk:" + ServerHome.HOST + ":" + zooKeeperPort;
    Map<String, String> all = new LinkedHashMap<>(PulsarProcess.settings());
    all.put("brokerServicePort", Integer.toString(home.port()));
    all.put("webServicePort", Integer.toString(admin.port()));
    all.put("metadataStoreUrl", store);
    all.put("configurationMetadataStoreUrl", store);
    // a topic moves when its owner is gone, and not because another has less to do
    all.put("loadBalancerSheddingEnabled", "false");
    all.put("loadBalancerAutoBundleSplitEnabled", "false");
    all.putAll(settings);
    PulsarProcess.prepare(home, all);
  }

  @Override
  public List<String> command(ServerHome home) {
    return PulsarProcess.broker(home, classPath);
  }

  @Override
  public boolean isHealthy(ServerHome home, long root) {
    return home.accepts() && admin.answers("brokers/ready", "ok");
  }

  @Override
  public Duration startLimit() {
    return PulsarProcess.START_LIMIT;
  }
}
