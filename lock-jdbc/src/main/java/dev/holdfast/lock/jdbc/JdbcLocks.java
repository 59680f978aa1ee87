package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.LockBackendFactory;
import javax.sql.DataSource;

/**
 * Locks in a relational database: {@code LockClient.over(JdbcLocks.over(dataSource))}, or {@code
 * LockClient.connect("jdbc:...")}.
 *
 * <p>Runs on PostgreSQL, MariaDB and H2; MySQL, Oracle and SQL Server are written to their manuals
 * and were not run by us. A lock is a row; it is taken over when the database's own clock says that
 * its lease has run out. Every call uses a connection and a transaction of its own, for a moment:
 * nothing joins the caller's transaction, and no connection is kept for a held lock (one per client
 * for the renewals, see {@link JdbcLockOptions#reserveConnection()}, and on PostgreSQL one to
 * listen while somebody waits, see {@link JdbcLockOptions#listen()}).
 *
 * <p>Every call ends within its time, also when the network is silent: by the connection's network
 * timeout, or on H2, whose driver has none, by running on another thread.
 */
public final class JdbcLocks {

  private JdbcLocks() {}

  /** Locks over the application's {@code DataSource}, with default options; it is never closed. */
  public static LockBackendFactory over(DataSource dataSource) {
    return over(dataSource, JdbcLockOptions.defaults());
  }

  /**
   * Locks over the application's {@code DataSource}; it is never closed. Its connections go back
   * with auto-commit, isolation, read-only and network timeout as they came.
   *
   * <p>MySQL's driver asks the server before each write whether the session is read-only: a trip of
   * its own. With {@code readOnlyPropagatesToServer=false} in the pool's URL it does not.
   */
  public static LockBackendFactory over(DataSource dataSource, JdbcLockOptions options) {
    return context -> JdbcBackend.over(dataSource, options, context);
  }

  /** Locks in the database at {@code url}, over a HikariCP pool of their own. */
  public static LockBackendFactory at(String url) {
    return at(url, JdbcLockOptions.defaults());
  }

  /**
   * Locks in the database at {@code url}, over a HikariCP pool of their own that is opened at first
   * use.
   *
   * @param url as the driver wants it, user and password included; parameters that start with
   *     {@code holdfast.} override {@code options} and are taken out, see {@link JdbcLockOptions}
   * @throws dev.holdfast.lock.LockConfigurationException if a parameter is malformed
   */
  public static LockBackendFactory at(String url, JdbcLockOptions options) {
    JdbcUrl parsed = JdbcUrl.parse(url, options);
    return context -> JdbcBackend.at(parsed, context);
  }
}
