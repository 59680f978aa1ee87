package dev.holdfast.lock.testkit.server;

import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * A real PostgreSQL for tests.
 *
 * <p><b>Promise.</b> As {@link TestServer} says. One that is started here has fsync on, takes 200
 * connections on loopback, and asks for a password (SCRAM), so that a wrong one can be tested.
 *
 * <p><b>Sources.</b> The first of: the environment variable {@value #ADDRESS_VARIABLE} (or the
 * system property {@value #ADDRESS_PROPERTY}) with a JDBC URL; Docker; {@code postgres} and {@code
 * initdb} on the PATH or below /usr/lib/postgresql; the binaries of {@code io.zonky.test.postgres}
 * on the class path. When this JVM runs as root, the server runs as {@code postgres} or {@code
 * nobody}.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class PostgresServer extends StoreServer {

  /** The environment variable that may hold the JDBC URL of a server to use. */
  public static final String ADDRESS_VARIABLE = "HOLDFAST_TEST_POSTGRES";

  /** The system property that is asked before the environment variable. */
  public static final String ADDRESS_PROPERTY = "holdfast.test.postgres";

  static final String USER = "holdfast";
  static final String PASSWORD = "holdfast-secret";

  private final PostgresAddress login;

  PostgresServer(TestServer server, PostgresAddress login) {
    super(server);
    this.login = login;
  }

  /**
   * Starts a server from the first source that has one.
   *
   * @return the server, ready for clients
   * @throws ServerUnavailableException if no source has one
   */
  public static PostgresServer launch() {
    return options().launch();
  }

  /**
   * Prepares a server with settings or from certain sources.
   *
   * @return options with the defaults
   */
  public static PostgresServerOptions options() {
    return new PostgresServerOptions();
  }

  /**
   * Starts a hot standby that follows this server; needs {@code pg_basebackup} beside {@code
   * postgres}.
   *
   * @return the standby, which answers reads and refuses writes until it is promoted
   * @throws ServerUnavailableException if there is no such program on this machine
   * @throws IllegalStateException if it does not start, with the end of its log
   */
  public PostgresServer launchStandby() {
    return new PostgresServer(PostgresStandby.start(this), login);
  }

  /**
   * The superuser, or the user of the given address.
   *
   * @return the name
   */
  public String user() {
    return login.user();
  }

  /**
   * The password of {@link #user}.
   *
   * @return the password in clear
   */
  public String password() {
    return login.password();
  }

  /**
   * The database for tests.
   *
   * @return {@code postgres}, or that of the given address
   */
  public String database() {
    return login.database();
  }

  /**
   * The JDBC URL, without user and password.
   *
   * @return a URL for pgjdbc
   */
  public String jdbcUrl() {
    return login.url(host(), port());
  }

  /**
   * The JDBC URL by way of a proxy.
   *
   * @param proxy where the proxy listens
   * @return a URL for pgjdbc, without user and password
   */
  public String jdbcUrl(InetSocketAddress proxy) {
    return login.url(proxy.getHostString(), proxy.getPort());
  }

  /**
   * Opens a connection as {@link #user}; needs pgjdbc on the class path.
   *
   * @return a new connection, which the caller closes
   * @throws SQLException if the server refuses or is down
   */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl(), user(), password());
  }
}
