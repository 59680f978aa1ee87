package dev.holdfast.lock.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
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
        ResultSet results = statement.executeQuery()) {
      List<T> list = new ArrayList<>();
      while (results.next()) {
        list.add(mapper.map(results));
      }
      return list;
    }
  }

  static <T> Optional<T> first(
      Connection connection, String sql, Mapper<T> mapper, Object... arguments)
      throws SQLException {
    return all(connection, sql, mapper, arguments).stream().findFirst();
  }

  /** The number in the first row. */
  static OptionalLong number(Connection connection, String sql, List<Object> arguments)
      throws SQLException {
    List<Long> numbers = all(connection, sql, results -> results.getLong(1), arguments.toArray());
    return numbers.isEmpty() ? OptionalLong.empty() : OptionalLong.of(numbers.get(0));
  }

  private static PreparedStatement prepared(Connection connection, String sql, Object... arguments)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    try {
      for (int i = 0; i < arguments.length; i++) {
        bind(statement, i + 1, arguments[i]);
      }
      return statement;
    } catch (SQLException | RuntimeException e) {
      statement.close();
      throw e;
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
    } else {
      statement.setString(index, (String) argument);
    }
  }
}
