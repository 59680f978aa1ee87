package dev.holdfast.lock.testkit.server;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which ZooKeeper to start, and how. Not thread-safe; may launch several servers. */
public final class ZooKeeperServerOptions extends ServerOptions<ZooKeeperServerOptions> {

  private final Map<String, String> settings = new LinkedHashMap<>();
  private final Map<String, String> properties = new LinkedHashMap<>();

  ZooKeeperServerOptions() {
    set("tickTime", "200");
    set("maxSessionTimeout", "60000");
  }

  @Override
  ZooKeeperServerOptions self() {
    return this;
  }

  /**
   * Sets an entry of the configuration file. A server given by its address is left as it is.
   *
   * @param key such as {@code tickTime}
   * @param value such as {@code 2000}
   * @return this
   */
  public ZooKeeperServerOptions set(String key, String value) {
    settings.put(key, value);
    return this;
  }

  /**
   * Sets a Java system property of the server.
   *
   * @param key such as {@code znode.container.checkIntervalMs}
   * @param value such as {@code 500}
   * @return this
   */
  public ZooKeeperServerOptions property(String key, String value) {
    properties.put(key, value);
    return this;
  }

  /**
   * Starts a server that stands alone, or takes the one of the environment.
   *
   * @return the server, ready for clients
   * @throws ServerUnavailableException if no source has one
   */
  public ZooKeeperServer launch() {
    return launch(sources());
  }

  /**
   * Starts a server that stands alone and can be controlled, whatever the environment says.
   *
   * @return the server, ready for clients
   * @throws ServerUnavailableException if no source has one
   */
  public ZooKeeperServer launchOwn() {
    Set<ServerSource> own = sources();
    own.remove(ServerSource.ENVIRONMENT);
    return launch(own);
  }

  private ZooKeeperServer launch(Set<ServerSource> allowed) {
    return new ZooKeeperServer(
        new ServerSources("ZooKeeper")
            .with(
                ServerSource.ENVIRONMENT,
                "set " + ZooKeeperServer.ADDRESS_VARIABLE + " to host:port",
                ZooKeeperServerOptions::given)
            .with(ServerSource.DOCKER, ContainerImage.ZOOKEEPER.hint(), this::docker)
            .with(ServerSource.MAVEN, ZooKeeperRecipe.HINT, this::fromJar)
            .first(allowed));
  }

  /** A container has one port, and none of this machine's files. */
  private Optional<TestServer> docker() {
    return settings.containsKey("secureClientPort")
        ? Optional.empty()
        : ContainerImage.ZOOKEEPER
            .find()
            .map(
                image ->
                    DockerServer.start(
                        new ZooKeeperContainer(
                            image, Map.copyOf(settings), Map.copyOf(properties))));
  }

  private Optional<TestServer> fromJar() {
    return ZooKeeperRecipe.isOnTheClassPath()
        ? Optional.of(
            ServerProcess.start(new ZooKeeperRecipe(0, settings, properties, environment())))
        : Optional.empty();
  }

  /**
   * Starts an ensemble.
   *
   * @param members how many servers, 3 or more
   * @return the ensemble, with a leader
   * @throws ServerUnavailableException if ZooKeeper is not on the class path
   */
  public ZooKeeperEnsemble launchEnsemble(int members) {
    return ZooKeeperEnsemble.start(members, settings, properties);
  }

  private static Optional<TestServer> given() {
    String address =
        System.getProperty(
            ZooKeeperServer.ADDRESS_PROPERTY, System.getenv(ZooKeeperServer.ADDRESS_VARIABLE));
    if (address == null || address.isBlank()) {
      return Optional.empty();
    }
    int colon = address.lastIndexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException(
          ZooKeeperServer.ADDRESS_VARIABLE + " must be like host:2181");
    }
    String description = "ZooKeeper from " + ServerSource.ENVIRONMENT + " (" + address + ")";
    int port = Integer.parseInt(address.substring(colon + 1).strip());
    return Optional.of(new ExternalServer(address.substring(0, colon).strip(), port, description));
  }
}
