package dev.holdfast.lock.testkit.server;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** One statement at a time, for these tests. */
final class Sql {

  /** Opens connections. */
  @FunctionalInterface
  interface Source {
    Connection connect() throws SQLException;
  }

  private Sql() {}

  static void run(Source source, String... statements) throws SQLException {
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  static String ask(Source source, String query) throws SQLException {
    try (Connection connection = source.connect()) {
      return ask(connection, query);
    }
  }

  static String ask(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
