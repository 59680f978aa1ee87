package dev.holdfast.lock.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;

/**
 * The barest lock in a database: one statement to take a row, one to free it, in auto-commit, from
 * a pool of the size that Holdfast opens. It renews nothing, tells nothing, and waits by asking
 * again.
 */
final class JdbcLimit implements Subject {

  private static final int POOL_SIZE = 10;
  private static final String UNIQUE_VIOLATION = "23505";
  private static final String RELEASE =
      "UPDATE bench_limit SET owner = NULL WHERE name = ? AND owner = ?";

  private final HikariDataSource pool;
  private final String take;

  /**
   * Opens the pool and makes the table.
   *
   * @param createTable a statement that does nothing if the table exists
   * @param take a statement with the parameters name and owner, that changes a row if it got it
   */
  JdbcLimit(String url, String createTable, String take) throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(POOL_SIZE);
    this.pool = new HikariDataSource(config);
    this.take = take;
    try (Connection connection = pool.getConnection();
        var statement = connection.createStatement()) {
      statement.execute(createTable);
    }
  }

  @Override
  public Held acquire(String lock) throws SQLException {
    String owner = UUID.randomUUID().toString();
    while (!update(take, lock, owner)) {
      Polling.pause();
    }
    return () -> update(RELEASE, lock, owner);
  }

  private boolean update(String sql, String lock, String owner) throws SQLException {
    try (Connection connection = pool.getConnection();
        var statement = connection.prepareStatement(sql)) {
      statement.setString(1, lock);
      statement.setString(2, owner);
      return statement.executeUpdate() > 0;
    } catch (SQLException e) {
      if (UNIQUE_VIOLATION.equals(e.getSQLState())) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
