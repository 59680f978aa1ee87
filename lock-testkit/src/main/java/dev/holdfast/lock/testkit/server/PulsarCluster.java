package dev.holdfast.lock.testkit.server;

import dev.holdfast.lock.testkit.net.FreePorts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Several Pulsar brokers over one bookie and one metadata store. Each topic is served by one of
 * them, its owner; when the owner's session at the metadata store ends, another takes the topic
 * over.
 *
 * <p><b>Promise.</b> What {@link TestServer} says of each broker. The session of a broker lasts 6 s
 * instead of Pulsar's 30 s, unless set otherwise.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class PulsarCluster implements AutoCloseable {

  private final TestServer store;
  private final List<PulsarServer> brokers = new ArrayList<>();

  private PulsarCluster(TestServer store) {
    this.store = store;
  }

  static PulsarCluster start(int size, Map<String, String> settings) {
    PulsarClassPath classPath =
        PulsarClassPath.find()
            .orElseThrow(() -> new ServerUnavailableException(PulsarClassPath.HINT));
    Map<String, String> all = new LinkedHashMap<>();
    all.put("metadataStoreSessionTimeoutMillis", "6000");
    all.putAll(settings);
    PulsarCluster cluster =
        new PulsarCluster(ServerProcess.start(new PulsarStoreRecipe(classPath, FreePorts.next())));
    try {
      for (int i = 0; i < size; i++) {
        PulsarAdmin admin = new PulsarAdmin(ServerHome.HOST, FreePorts.next(), "");
        PulsarBrokerRecipe recipe =
            new PulsarBrokerRecipe(classPath, admin, cluster.store.port(), Map.copyOf(all));
        cluster.brokers.add(
            new PulsarServer(ServerProcess.start(recipe), admin, new PulsarListeners(0)));
      }
      cluster.brokers.get(0).admin().prepareCluster(PulsarProcess.CLUSTER, cluster.serviceUrl());
      return cluster;
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  /**
   * The brokers.
   *
   * @return all of them, running or not
   */
  public List<PulsarServer> brokers() {
    return List.copyOf(brokers);
  }

  /**
   * Where clients connect.
   *
   * @return {@code pulsar://host:port,host:port,...}
   */
  public String serviceUrl() {
    return brokers.stream()
        .map(broker -> broker.host() + ":" + broker.port())
        .collect(Collectors.joining(",", "pulsar://", ""));
  }

  /**
   * Who serves a topic; has it assigned if nobody does.
   *
   * @param topic such as {@code persistent/public/default/jobs}
   * @return the owner, by the word of a broker that answers
   */
  public PulsarServer owner(String topic) {
    PulsarServer asked =
        brokers.stream()
            .filter(broker -> broker.admin().answers("brokers/ready", "ok"))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no broker answers"));
    String found = asked.admin().lookUp(topic);
    return brokers.stream()
        .filter(broker -> found.contains("\"" + broker.serviceUrl() + "\""))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the owner of " + topic + " is " + found));
  }

  /**
   * A broker that does not serve a topic.
   *
   * @param topic as above
   * @return one of the others
   */
  public PulsarServer other(String topic) {
    PulsarServer owner = owner(topic);
    return brokers.stream().filter(broker -> broker != owner).findFirst().orElseThrow();
  }

  /** Ends all brokers and the store, and deletes their data; idempotent. */
  @Override
  public void close() {
    brokers.forEach(PulsarServer::close);
    store.close();
  }
}
