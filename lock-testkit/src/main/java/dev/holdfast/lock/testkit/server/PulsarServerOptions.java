package dev.holdfast.lock.testkit.server;

import dev.holdfast.lock.testkit.net.FreePorts;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which Pulsar to start, and how. Not thread-safe; may launch several servers. */
public final class PulsarServerOptions {

  private static final int DEFAULT_ADMIN_PORT = 8080;

  private final Map<String, String> settings = new LinkedHashMap<>();
  private final Map<String, String> environment = new LinkedHashMap<>();
  private String adminToken = "";
  private int proxies;

  PulsarServerOptions() {}

  /**
   * Sets an entry of the configuration file. A server given by its address is left as it is.
   *
   * @param key such as {@code allowAutoTopicCreation}
   * @param value such as {@code false}
   * @return this
   */
  public PulsarServerOptions set(String key, String value) {
    settings.put(key, value);
    return this;
  }

  /**
   * Sets a variable in the environment of the server's process; not of those of a cluster.
   *
   * @param name such as {@code LD_PRELOAD}
   * @param value its value
   * @return this
   */
  public PulsarServerOptions environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /**
   * The token that {@link PulsarServer#admin} shows to a broker that wants one.
   *
   * @param token of a super user
   * @return this
   */
  public PulsarServerOptions adminToken(String token) {
    adminToken = token;
    return this;
  }

  /**
   * Puts proxies before the broker, for clients that connect by {@link PulsarServer#proxies}. There
   * are none before a server given by its address, nor before those of a cluster.
   *
   * @param count how many
   * @return this
   */
  public PulsarServerOptions proxies(int count) {
    proxies = count;
    return this;
  }

  /**
   * Starts a server, or takes the one of the environment.
   *
   * @return the server, ready for clients
   * @throws ServerUnavailableException if there is none
   */
  public PulsarServer launch() {
    return given().orElseGet(this::launchOwn);
  }

  /**
   * Starts a server that can be controlled, whatever the environment says.
   *
   * @return the server, ready for clients
   * @throws ServerUnavailableException if the broker's jars cannot be found
   */
  public PulsarServer launchOwn() {
    PulsarAdmin admin = new PulsarAdmin(ServerHome.HOST, FreePorts.next(), adminToken);
    PulsarListeners listeners = new PulsarListeners(proxies);
    TestServer server =
        new ServerSources("Pulsar")
            .with(
                ServerSource.MAVEN,
                "set " + PulsarServer.ADDRESS_VARIABLE + ", or " + PulsarClassPath.HINT,
                () -> PulsarClassPath.find().map(classPath -> start(classPath, admin, listeners)))
            .first(Set.of(ServerSource.MAVEN));
    return new PulsarServer(server, admin, listeners);
  }

  /**
   * Starts brokers that share a bookie and a metadata store.
   *
   * @param brokers how many, 2 or more
   * @return the cluster, ready for clients
   * @throws ServerUnavailableException if the broker's jars cannot be found
   */
  public PulsarCluster launchCluster(int brokers) {
    return PulsarCluster.start(brokers, settings);
  }

  private TestServer start(
      PulsarClassPath classPath, PulsarAdmin admin, PulsarListeners listeners) {
    return ServerProcess.start(
        new PulsarRecipe(
            classPath,
            admin,
            FreePorts.next(),
            listeners,
            Map.copyOf(settings),
            Map.copyOf(environment)));
  }

  private Optional<PulsarServer> given() {
    String address =
        System.getProperty(
            PulsarServer.ADDRESS_PROPERTY, System.getenv(PulsarServer.ADDRESS_VARIABLE));
    if (address == null || address.isBlank()) {
      return Optional.empty();
    }
    String[] parts = address.strip().split(":", -1);
    if (parts.length < 2 || parts.length > 3) {
      throw new IllegalArgumentException(
          PulsarServer.ADDRESS_VARIABLE + " must be like host:6650 or host:6650:8080");
    }
    String description = "Pulsar from " + ServerSource.ENVIRONMENT + " (" + address.strip() + ")";
    int adminPort = parts.length == 3 ? Integer.parseInt(parts[2]) : DEFAULT_ADMIN_PORT;
    return Optional.of(
        new PulsarServer(
            new ExternalServer(parts[0], Integer.parseInt(parts[1]), description),
            new PulsarAdmin(parts[0], adminPort, adminToken),
            new PulsarListeners(0)));
  }
}
