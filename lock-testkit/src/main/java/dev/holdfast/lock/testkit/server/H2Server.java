package dev.holdfast.lock.testkit.server;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * H2 as a server in a JVM of its own, so that it can be killed and paused like any other; needs H2
 * on the class path.
 *
 * <p><b>Promise.</b> As {@link TestServer} says, with one difference: data in memory ends with the
 * process. Data in a file survives a kill, because {@link #jdbcUrl()} turns H2's write delay (half
 * a second of commits, lost in a kill) off.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class H2Server extends StoreServer {

  static final String USER = "sa";
  static final String PASSWORD = "";

  private final String database;

  private H2Server(TestServer server, String database) {
    super(server);
    this.database = database;
  }

  /**
   * Starts a server whose database lies in a file of its private folder.
   *
   * @return the server, ready for clients
   * @throws ServerUnavailableException if H2 is not on the class path
   */
  public static H2Server launch() {
    return launch("test;WRITE_DELAY=0", "file");
  }

  /**
   * Starts a server whose database lives in memory until the server is stopped or killed.
   *
   * @return the server, ready for clients
   * @throws ServerUnavailableException if H2 is not on the class path
   */
  public static H2Server launchInMemory() {
    return launch("mem:test;DB_CLOSE_DELAY=-1", "memory");
  }

  private static H2Server launch(String database, String storage) {
    Path jar = H2Recipe.jar();
    TestServer server = ServerProcess.start(new H2Recipe(jar, storage));
    return new H2Server(server, database);
  }

  /**
   * The administrator.
   *
   * @return the name
   */
  public String user() {
    return USER;
  }

  /**
   * The password of {@link #user}.
   *
   * @return the empty string
   */
  public String password() {
    return PASSWORD;
  }

  /**
   * The JDBC URL, without user and password; the first connection creates the database.
   *
   * @return a URL for H2's driver
   */
  public String jdbcUrl() {
    return url(host(), port());
  }

  /**
   * The JDBC URL by way of a proxy.
   *
   * @param proxy where the proxy listens
   * @return a URL for H2's driver, without user and password
   */
  public String jdbcUrl(InetSocketAddress proxy) {
    return url(proxy.getHostString(), proxy.getPort());
  }

  /**
   * Opens a connection as {@link #user}.
   *
   * @return a new connection, which the caller closes
   * @throws SQLException if the server is down
   */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl(), user(), password());
  }

  private String url(String host, int port) {
    return "jdbc:h2:tcp://" + host + ":" + port + "/" + database;
  }
}
