package dev.holdfast.lock.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The barest lock in a database: one statement to take a row, one to free it, in auto-commit, from
 * a pool of the size that Holdfast opens. It renews nothing, tells nothing, and waits by asking
 * again.
 */
final class JdbcLimit implements Subject {

  /** MySQL's kind leaves the last digits to its own number. */
  private static final String UNIQUE_VIOLATION = "23";

  private static final String RELEASE =
      "UPDATE bench_limit SET owner = NULL WHERE name = ? AND owner = ?";

  private final HikariDataSource pool;
  private final Set<String> used = ConcurrentHashMap.newKeySet();
  private final String insert;
  private final String take;

  /**
   * Opens the pool and makes the table.
   *
   * @param createTable a statement that does nothing if the table exists
   * @param take a statement with the parameters name and owner, that changes a row if it got it
   */
  JdbcLimit(String url, String createTable, String take) throws SQLException {
    this(url, createTable, "", take);
  }

  /**
   * The same for a database that has no upsert with a condition.
   *
   * @param insert a statement that makes the row of a name, for names that were never used
   * @param take a statement with the parameters owner and name, that changes a row if it got it
   */
  JdbcLimit(String url, String createTable, String insert, String take) throws SQLException {
    this.pool = JdbcPool.open(url, createTable);
    this.insert = insert;
    this.take = take;
  }

  @Override
  public Held acquire(String lock) throws SQLException {
    String owner = UUID.randomUUID().toString();
    while (!take(lock, owner)) {
      Polling.pause();
    }
    return () -> update(RELEASE, lock, owner);
  }

  private boolean take(String lock, String owner) throws SQLException {
    if (insert.isEmpty()) {
      return update(take, lock, owner);
    }
    if (used.add(lock)) {
      update(insert, lock);
    }
    return update(take, owner, lock);
  }

  private boolean update(String sql, String... arguments) throws SQLException {
    try (Connection connection = pool.getConnection();
        var statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < arguments.length; i++) {
        statement.setString(i + 1, arguments[i]);
      }
      return statement.executeUpdate() > 0;
    } catch (SQLException e) {
      if (e.getSQLState() != null && e.getSQLState().startsWith(UNIQUE_VIOLATION)) {
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
