package dev.holdfast.lock.jdbc;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * A database under test, with a table of its own for each instance.
 *
 * @param url with user and password
 * @param table made at first use
 */
record Database(String url, String table) implements AutoCloseable {

  /** SQL Server's number for a DROP of what is not there. */
  private static final int UNKNOWN_TABLE = 3701;

  private static final AtomicInteger NUMBER = new AtomicInteger();

  static Database at(String url) {
    return new Database(url, "lock_" + NUMBER.incrementAndGet());
  }

  JdbcLockOptions options() {
    return JdbcLockOptions.builder().table(table).createSchema(true).build();
  }

  /** A client over a pool of its own. */
  Node node() {
    return new Node(JdbcLocks.at(url, options()));
  }

  /** A client over connections that are opened for each call. */
  Node lent() {
    return new Node(JdbcLocks.over(dataSource(), options()));
  }

  DataSource dataSource() {
    return new DirectDataSource(url);
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(url);
  }

  int execute(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      return statement.execute(sql.replace("TABLE_NAME", table)) ? 0 : statement.getUpdateCount();
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }

  List<String> query(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        var results = statement.executeQuery(sql.replace("TABLE_NAME", table))) {
      List<String> rows = new ArrayList<>();
      while (results.next()) {
        rows.add(results.getString(1));
      }
      return rows;
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }

  /** A foreign transaction that keeps a row locked until it is closed. */
  Connection lockRow(String name) throws SQLException {
    Connection connection = connect();
    connection.setAutoCommit(false);
    try (var statement =
        connection.prepareStatement("SELECT * FROM " + table + " WHERE name = ? FOR UPDATE")) {
      statement.setString(1, name);
      statement.executeQuery();
    }
    return connection;
  }

  /** Not IF EXISTS, which not all databases know. */
  @Override
  public void close() {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE " + table);
    } catch (SQLException e) {
      if (Trouble.of(e) != Trouble.NO_TABLE && e.getErrorCode() != UNKNOWN_TABLE) {
        throw new AssertionError("DROP TABLE " + table, e);
      }
    }
  }
}
