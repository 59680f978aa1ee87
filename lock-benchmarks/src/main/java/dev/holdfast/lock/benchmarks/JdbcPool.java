package dev.holdfast.lock.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;

/** Pools of the size that Holdfast opens, for those who bring none. */
final class JdbcPool {

  private static final int SIZE = 10;

  private JdbcPool() {}

  /**
   * Opens a pool and makes a table.
   *
   * @param createTable a statement that does nothing if the table exists
   */
  static HikariDataSource open(String url, String createTable) throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(SIZE);
    HikariDataSource pool = new HikariDataSource(config);
    try (Connection connection = pool.getConnection();
        var statement = connection.createStatement()) {
      statement.execute(createTable);
    }
    return pool;
  }
}
