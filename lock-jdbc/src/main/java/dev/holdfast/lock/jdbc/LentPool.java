package dev.holdfast.lock.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * What can be known of a lent {@code DataSource} before it is asked for a connection.
 *
 * <p>JDBC knows {@link Connection#abort} to tell a pool that a connection is broken, which some
 * drivers ignore (H2). HikariCP, the most common of pools, then trusts the connection as long as it
 * is used twice a second, but can be told. It also knows its URL.
 *
 * @param hint at the database: a URL, or the name of the driver's class
 * @param eviction ends a broken connection
 */
record LentPool(String hint, Consumer<Connection> eviction) {

  static LentPool of(DataSource dataSource) {
    LentPool unknown = new LentPool(dataSource.getClass().getName(), Connections::abort);
    // It may have been left out by the application, whose pool is another one.
    return PoolLibrary.isThere() ? Hikari.of(dataSource, unknown) : unknown;
  }

  /** Loaded only where HikariCP is there. */
  private static final class Hikari {

    static LentPool of(DataSource dataSource, LentPool unknown) {
      try {
        if (dataSource.isWrapperFor(HikariDataSource.class)) {
          HikariDataSource pool = dataSource.unwrap(HikariDataSource.class);
          return new LentPool(hint(pool, unknown.hint()), pool::evictConnection);
        }
      } catch (SQLException | RuntimeException e) {
        return unknown; // a data source that cannot say what it is
      }
      return unknown;
    }

    /** Each of the three is null where another way was taken to set the pool up. */
    private static String hint(HikariDataSource pool, String otherwise) {
      if (pool.getJdbcUrl() != null) {
        return pool.getJdbcUrl();
      }
      if (pool.getDataSourceClassName() != null) {
        return pool.getDataSourceClassName();
      }
      return pool.getDataSource() == null ? otherwise : pool.getDataSource().getClass().getName();
    }
  }
}
