package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.spi.LockUris;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * New connections to a URL, each within a time of its own.
 *
 * <p>HikariCP given a URL would set {@code DriverManager}'s login timeout for the whole JVM, and to
 * its own connection timeout, which here is short.
 */
final class UrlDataSource implements DataSource {

  private static final Duration LOGIN_LIMIT = Duration.ofSeconds(10);

  /** How long a session of MySQL's kind waits for a row or a table; its defaults: 50 s, a day. */
  static final Duration ROW_WAIT = Duration.ofSeconds(1);

  private final String given;
  private final String url;
  private final Driver driver;
  private final Duration silenceLimit;
  private final Set<Thread> connecting = ConcurrentHashMap.newKeySet();
  private final Set<Connection> pooled = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * Finds the driver.
   *
   * @param silenceLimit the longest that any answer may take, for whoever sets nothing stricter
   * @throws LockConfigurationException if there is no driver for the URL
   */
  UrlDataSource(String url, Duration silenceLimit) {
    this.silenceLimit = silenceLimit;
    this.given = url;
    this.url = withDefaults(url, silenceLimit);
    try {
      this.driver = DriverManager.getDriver(url);
    } catch (SQLException e) {
      throw new LockConfigurationException(
          "no JDBC driver on the class path takes %s; add the database's driver, for instance"
                  .formatted(LockUris.redact(url))
              + " org.postgresql:postgresql, org.mariadb.jdbc:mariadb-java-client,"
              + " com.mysql:mysql-connector-j or com.h2database:h2",
          e,
          null,
          Dialects.backend(url));
    }
  }

  /** H2's driver takes no such thing from the properties of a login to a server. */
  private static String withDefaults(String url, Duration silenceLimit) {
    boolean remoteH2 = url.startsWith("jdbc:h2:tcp:") || url.startsWith("jdbc:h2:ssl:");
    return remoteH2 && !url.contains("NETWORK_TIMEOUT=")
        ? url + ";NETWORK_TIMEOUT=" + silenceLimit.toMillis()
        : url;
  }

  String describe() {
    return LockUris.redact(given);
  }

  /** For the pool, which waits for nobody meanwhile: enough for a login over a slow network. */
  @Override
  public Connection getConnection() throws SQLException {
    connecting.add(Thread.currentThread());
    try {
      if (closed) {
        throw new SQLException("the client is closed", "08003");
      }
      Connection connection = connect(LOGIN_LIMIT);
      pooled.removeIf(UrlDataSource::isClosed);
      pooled.add(connection);
      if (closed) {
        Connections.abort(connection);
        throw new SQLException("the client is closed", "08003");
      }
      return connection;
    } finally {
      connecting.remove(Thread.currentThread());
    }
  }

  private static boolean isClosed(Connection connection) {
    try {
      return connection.isClosed();
    } catch (SQLException e) {
      return false;
    }
  }

  /** Opens a connection within {@code limit}. */
  Connection connect(Duration limit) throws SQLException {
    Connection connection = driver.connect(url, properties(limit));
    if (connection == null) {
      throw new SQLException("the driver gave no connection", "08001");
    }
    return connection;
  }

  /** Ends the pool's logins that are under way. */
  void close() {
    closed = true;
    connecting.forEach(Thread::interrupt);
  }

  /**
   * Ends what the pool has left open; to be called when both are closed.
   *
   * <p>The pool forgets what it cannot end: a connection in use, of a driver that does nothing in
   * {@link Connection#abort} (H2); one that is evicted when the pool's own closers have gone; a
   * login that outlasts its shutdown. So each connection is entered here before the pool sees it. A
   * login adds before it reads {@code closed}, and {@code closed} was set before this looks: one of
   * the two ends it, whoever uses it meanwhile and whatever way it goes back.
   */
  void endPooled() {
    pooled.stream().filter(connection -> !isClosed(connection)).forEach(Connections::abort);
    pooled.clear();
  }

  /** Only defaults: what the URL itself says overrides them. */
  private Properties properties(Duration limit) {
    Properties properties = new Properties();
    if (url.startsWith("jdbc:postgresql:")) {
      // The login has a thread of its own if limited; the socket's limit ends that thread, too.
      properties.setProperty("loginTimeout", seconds(limit));
      properties.setProperty("connectTimeout", wholeSeconds(limit));
      properties.setProperty("socketTimeout", wholeSeconds(silenceLimit));
      properties.setProperty("tcpKeepAlive", "true");
      properties.setProperty("ApplicationName", "holdfast");
    } else if (url.startsWith("jdbc:mariadb:") || url.startsWith("jdbc:mysql:")) {
      unlessInUrl(properties, "connectTimeout", millis(limit));
      unlessInUrl(properties, "socketTimeout", millis(silenceLimit));
      if (url.startsWith("jdbc:mariadb:")) {
        // What is prepared at the server is parsed once per connection: a tenth of a pair. MySQL's
        // driver takes a trip of its own for that, which a renewal must not wait for.
        unlessInUrl(properties, "useServerPrepStmts", "true");
        unlessInUrl(properties, "cachePrepStmts", "true");
        unlessInUrl(properties, "prepStmtCacheSqlLimit", "2048");
      } else {
        // Else the driver asks the server before each write whether it may: a trip of its own, from
        // version 5.6.5 on, which MariaDB 11 says that it is. Our connections are never read-only.
        unlessInUrl(properties, "readOnlyPropagatesToServer", "false");
      }
      long seconds = ROW_WAIT.toSeconds();
      unlessInUrl(
          properties,
          "sessionVariables",
          "innodb_lock_wait_timeout=%1$d,lock_wait_timeout=%1$d".formatted(seconds));
    }
    return properties;
  }

  /** MySQL's driver lets properties override the URL. */
  private void unlessInUrl(Properties properties, String key, String value) {
    if (!url.contains(key + "=")) {
      properties.setProperty(key, value);
    }
  }

  private static String millis(Duration limit) {
    return Long.toString(Math.max(50, limit.toMillis()));
  }

  private static String seconds(Duration limit) {
    return Float.toString(Math.max(50, limit.toMillis()) / 1_000f);
  }

  private static String wholeSeconds(Duration limit) {
    return Long.toString(Math.max(1, limit.plusMillis(999).toSeconds()));
  }

  @Override
  public Connection getConnection(String username, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException("user and password are in the URL");
  }

  /** What a pool's shutdown waits for connections that are being opened, in seconds. */
  @Override
  public int getLoginTimeout() {
    return 1;
  }

  @Override
  public void setLoginTimeout(int seconds) {
    // Each connection has its own.
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(@Nullable PrintWriter out) {
    // Nothing to write.
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    throw new SQLException("not a wrapper of " + type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return false;
  }

  @Override
  public String toString() {
    return describe();
  }
}
