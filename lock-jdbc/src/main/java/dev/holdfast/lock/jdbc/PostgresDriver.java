package dev.holdfast.lock.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** What only the driver's own classes can do. Behind another driver, or a wrapper, it is left. */
final class PostgresDriver {

  private PostgresDriver() {}

  private static Optional<PGConnection> of(Connection connection) throws SQLException {
    try {
      return connection.isWrapperFor(PGConnection.class)
          ? Optional.of(connection.unwrap(PGConnection.class))
          : Optional.empty();
    } catch (LinkageError e) {
      return Optional.empty(); // another driver, or one that we cannot see from here
    }
  }

  /** Whether the session is not the one that the driver logged in to. */
  static boolean isPooled(Connection connection) throws SQLException {
    Optional<PGConnection> driver = of(connection);
    if (driver.isEmpty()) {
      return false;
    }
    // no PreparedStatement: the driver would prepare it the fifth time
    try (Statement statement = connection.createStatement();
        ResultSet session = statement.executeQuery("SELECT pg_backend_pid()")) {
      session.next();
      return session.getInt(1) != driver.get().getBackendPID();
    }
  }

  /** Statements of this connection are parsed anew each time. */
  static Dialect.@Nullable Restore prepareNothing(Connection connection) throws SQLException {
    Optional<PGConnection> driver = of(connection);
    if (driver.isEmpty() || driver.get().getPrepareThreshold() == 0) {
      return null;
    }
    int before = driver.get().getPrepareThreshold();
    driver.get().setPrepareThreshold(0);
    return () -> driver.get().setPrepareThreshold(before);
  }

  static Optional<Ear> listen(Connection connection, String channel) throws SQLException {
    Optional<PGConnection> driver = of(connection);
    if (driver.isEmpty()) {
      return Optional.empty();
    }
    execute(connection, "LISTEN \"" + channel + "\"");
    return Optional.of(new Listening(connection, driver.get(), channel));
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private record Listening(Connection connection, PGConnection driver, String channel)
      implements Ear {

    @Override
    public List<String> hear(int millis) throws SQLException {
      PGNotification[] heard = driver.getNotifications(millis);
      return heard == null
          ? List.of()
          : Stream.of(heard)
              .filter(each -> each.getName().equals(channel))
              .map(PGNotification::getParameter)
              .toList();
    }

    @Override
    public void check() throws SQLException {
      execute(connection, "SELECT 1");
    }

    @Override
    public void end() throws SQLException {
      execute(connection, "UNLISTEN \"" + channel + "\"");
    }
  }
}
