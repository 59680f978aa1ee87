package dev.holdfast.lock.jdbc;

import java.io.Reader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** JDBC without its ceremony. */
final class Jdbc {

  private Jdbc() {}

  /** Makes a value of the current row. */
  interface Mapper<T> {
    T map(ResultSet results) throws SQLException;
  }

  static int update(Connection connection, String sql, Object... arguments) throws SQLException {
    try (PreparedStatement statement = prepared(connection, sql, arguments)) {
      return statement.executeUpdate();
    }
  }

  static <T> List<T> all(Connection connection, String sql, Mapper<T> mapper, Object... arguments)
      throws SQLException {
    try (PreparedStatement statement = prepared(connection, sql, arguments);
        ResultSet results = query(statement)) {
      List<T> list = new ArrayList<>();
      while (results.next()) {
        list.add(mapper.map(results));
      }
      return list;
    }
  }

  /** Not executeQuery: some drivers refuse it for what does not begin with SELECT. */
  private static ResultSet query(PreparedStatement statement) throws SQLException {
    if (!statement.execute()) {
      throw new SQLException("a statement returned no rows, not even none");
    }
    return statement.getResultSet();
  }

  static <T> Optional<T> first(
      Connection connection, String sql, Mapper<T> mapper, Object... arguments)
      throws SQLException {
    return all(connection, sql, mapper, arguments).stream().findFirst();
  }

  /** The number in the first row. */
  static OptionalLong number(Connection connection, String sql, List<Object> arguments)
      throws SQLException {
    try (PreparedStatement statement = prepared(connection, sql, arguments.toArray());
        ResultSet results = statement.executeQuery()) {
      return results.next() ? OptionalLong.of(results.getLong(1)) : OptionalLong.empty();
    }
  }

  /**
   * Changes rows; the number that the statement told as its generated key.
   *
   * @return zero if it changed something and told nothing; empty if it changed nothing
   */
  static OptionalLong changed(Connection connection, String sql, Object... arguments)
      throws SQLException {
    try (PreparedStatement statement =
        bound(connection.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS), arguments)) {
      int rows = statement.executeUpdate();
      try (ResultSet keys = statement.getGeneratedKeys()) {
        if (keys.next()) {
          return OptionalLong.of(keys.getLong(1));
        }
      }
      return rows == 0 ? OptionalLong.empty() : OptionalLong.of(0);
    }
  }

  private static PreparedStatement prepared(Connection connection, String sql, Object... arguments)
      throws SQLException {
    return bound(connection.prepareStatement(sql), arguments);
  }

  private static PreparedStatement bound(PreparedStatement statement, Object... arguments)
      throws SQLException {
    try {
      bind(statement, arguments);
      return statement;
    } catch (SQLException | RuntimeException e) {
      statement.close();
      throw e;
    }
  }

  static void bind(PreparedStatement statement, Object... arguments) throws SQLException {
    for (int i = 0; i < arguments.length; i++) {
      bind(statement, i + 1, arguments[i]);
    }
  }

  /** Not setObject: drivers guess differently. */
  private static void bind(PreparedStatement statement, int index, Object argument)
      throws SQLException {
    if (argument instanceof Long number) {
      statement.setLong(index, number);
    } else if (argument instanceof Boolean bool) {
      statement.setBoolean(index, bool);
    } else if (argument instanceof String[] texts) {
      statement.setArray(index, statement.getConnection().createArrayOf("varchar", texts));
    } else if (argument instanceof Reader text) {
      statement.setClob(index, text);
    } else {
      statement.setString(index, (String) argument);
    }
  }
}
