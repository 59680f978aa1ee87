package dev.holdfast.lock.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * How to tell a lent pool that one of its connections is broken.
 *
 * <p>JDBC knows {@link Connection#abort} for that, which some drivers ignore (H2). HikariCP, the
 * most common of pools, then trusts the connection as long as it is used twice a second, but can be
 * told.
 */
final class Evictions {

  private Evictions() {}

  static Consumer<Connection> of(DataSource dataSource) {
    Consumer<Connection> usual = Connections::abort;
    try {
      Class.forName("com.zaxxer.hikari.HikariDataSource", false, Evictions.class.getClassLoader());
      return Hikari.of(dataSource, usual);
    } catch (ClassNotFoundException e) {
      return usual; // left out by the application, whose pool is another one
    }
  }

  /** Loaded only where HikariCP is there. */
  private static final class Hikari {

    static Consumer<Connection> of(DataSource dataSource, Consumer<Connection> otherwise) {
      try {
        if (dataSource.isWrapperFor(HikariDataSource.class)) {
          return dataSource.unwrap(HikariDataSource.class)::evictConnection;
        }
      } catch (SQLException | RuntimeException e) {
        return otherwise; // a data source that cannot say what it is
      }
      return otherwise;
    }
  }
}
