package dev.holdfast.lock.testkit.server;

import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Optional;

/**
 * A real PgBouncer in transaction mode, before a PostgreSQL: each transaction of a client may run
 * in another session of the database, and notifications get lost.
 *
 * <p><b>Promise.</b> As {@link TestServer} says; the states are those of PgBouncer, not of the
 * database behind it.
 *
 * <p><b>Sources.</b> The first of: the environment variable {@value #ADDRESS_VARIABLE} (or the
 * system property {@value #ADDRESS_PROPERTY}) with {@code host:port} of one that leads to the same
 * database; {@code pgbouncer} on the PATH. When this JVM runs as root, it runs as {@code postgres}
 * or {@code nobody}.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class PgBouncerServer extends StoreServer {

  /** The environment variable that may hold {@code host:port} of a PgBouncer to use. */
  public static final String ADDRESS_VARIABLE = "HOLDFAST_TEST_PGBOUNCER";

  /** The system property that is asked before the environment variable. */
  public static final String ADDRESS_PROPERTY = "holdfast.test.pgbouncer";

  private final PostgresServer database;

  private PgBouncerServer(TestServer server, PostgresServer database) {
    super(server);
    this.database = database;
  }

  /**
   * Starts a PgBouncer.
   *
   * @param database what it leads to; stays when this is closed
   * @return the pooler, ready for clients
   * @throws ServerUnavailableException if no source has one
   */
  public static PgBouncerServer before(PostgresServer database) {
    TestServer server =
        new ServerSources("PgBouncer")
            .with(
                ServerSource.ENVIRONMENT,
                "set " + ADDRESS_VARIABLE + " to host:port",
                PgBouncerServer::given)
            .with(ServerSource.PATH, "apt-get install pgbouncer", () -> installed(database))
            .first(EnumSet.allOf(ServerSource.class));
    return new PgBouncerServer(server, database);
  }

  private static Optional<TestServer> given() {
    String address = System.getProperty(ADDRESS_PROPERTY, System.getenv(ADDRESS_VARIABLE));
    if (address == null || address.isBlank()) {
      return Optional.empty();
    }
    int colon = address.strip().lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException(ADDRESS_VARIABLE + " must be host:port, not " + address);
    }
    String host = address.strip().substring(0, colon);
    int port = Integer.parseInt(address.strip().substring(colon + 1));
    String description = "PgBouncer from " + ServerSource.ENVIRONMENT + " (" + address + ")";
    return Optional.of(new ExternalServer(host, port, description));
  }

  private static Optional<TestServer> installed(PostgresServer database) {
    return PgBouncerRecipe.installed()
        .map(program -> new PgBouncerRecipe(program, database, Unprivileged.find()))
        .map(ServerProcess::start);
  }

  /**
   * The JDBC URL of the database by way of this pooler.
   *
   * @return a URL for pgjdbc, without user and password
   */
  public String jdbcUrl() {
    return database.jdbcUrl(address());
  }

  /**
   * The JDBC URL by way of a proxy, too.
   *
   * @param proxy where the proxy listens that leads here
   * @return a URL for pgjdbc, without user and password
   */
  public String jdbcUrl(InetSocketAddress proxy) {
    return database.jdbcUrl(proxy);
  }
}
