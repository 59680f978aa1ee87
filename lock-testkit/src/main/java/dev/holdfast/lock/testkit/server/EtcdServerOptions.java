package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** How to start an etcd. Not thread-safe; may launch several servers. */
public final class EtcdServerOptions extends ServerOptions<EtcdServerOptions> {

  private static final int DEFAULT_PORT = 2379;

  private final Map<String, String> flags = new LinkedHashMap<>();

  EtcdServerOptions() {}

  /**
   * Sets a flag of the server. A server given by its address is left as it is.
   *
   * @param flag without dashes, such as {@code quota-backend-bytes}
   * @param value such as {@code 16777216}
   * @return this
   */
  public EtcdServerOptions flag(String flag, String value) {
    flags.put(flag, value);
    return this;
  }

  @Override
  EtcdServerOptions self() {
    return this;
  }

  /**
   * Starts a server of one member from the first source that has one.
   *
   * @return the server, ready for clients
   * @throws ServerUnavailableException if none has one
   * @throws IllegalStateException if it does not start, with the end of its log
   */
  public EtcdServer launch() {
    EtcdMember alone = EtcdMember.alone();
    TestServer server =
        new ServerSources("etcd")
            .with(
                ServerSource.ENVIRONMENT,
                "set " + EtcdServer.ADDRESS_VARIABLE + " to host:port",
                EtcdServerOptions::given)
            .with(ServerSource.DOCKER, ContainerImage.ETCD.hint(), this::docker)
            .with(ServerSource.PATH, "apt-get install etcd-server", () -> installed(alone))
            .first(sources());
    return new EtcdServer(server, metricsPort(server, alone), scheme());
  }

  private static OptionalInt metricsPort(TestServer server, EtcdMember member) {
    if (!server.isControllable()) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(server instanceof ServerProcess ? member.metricsPort() : server.port());
  }

  /** The files of TLS are on this machine, not in a container. */
  private Optional<TestServer> docker() {
    return flags.containsKey("cert-file")
        ? Optional.empty()
        : ContainerImage.ETCD
            .find()
            .map(image -> DockerServer.start(new EtcdContainer(image, Map.copyOf(flags))));
  }

  /** Starts one member of a cluster, without waiting for the others. */
  EtcdServer launch(EtcdMember member) {
    TestServer server =
        new ServerSources("etcd")
            .with(ServerSource.PATH, "apt-get install etcd-server", () -> installed(member))
            .first(Set.of(ServerSource.PATH));
    return new EtcdServer(server, OptionalInt.of(member.metricsPort()), scheme());
  }

  private String scheme() {
    return flags.containsKey("cert-file") ? "https" : "http";
  }

  private static Optional<TestServer> given() {
    String given =
        System.getProperty(EtcdServer.ADDRESS_PROPERTY, System.getenv(EtcdServer.ADDRESS_VARIABLE));
    if (given == null || given.isBlank()) {
      return Optional.empty();
    }
    String address = given.strip().replaceFirst("^https?://", "");
    int colon = address.lastIndexOf(':');
    String host = colon < 0 ? address : address.substring(0, colon);
    int port = colon < 0 ? DEFAULT_PORT : Integer.parseInt(address.substring(colon + 1));
    String description = "etcd from " + ServerSource.ENVIRONMENT + " (" + address + ")";
    return Optional.of(new ExternalServer(host, port, description));
  }

  private Optional<TestServer> installed(EtcdMember member) {
    return Commands.path()
        .map(folder -> folder.resolve("etcd"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(program -> start(program, member));
  }

  private TestServer start(Path program, EtcdMember member) {
    try {
      String version = EtcdRecipe.versionOf(program);
      return ServerProcess.start(
          new EtcdRecipe(program, version, member, Map.copyOf(flags), environment()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot ask for the version of " + program, e);
    }
  }
}
