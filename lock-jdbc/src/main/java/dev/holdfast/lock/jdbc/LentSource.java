package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.BackendFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The application's {@code DataSource}: never closed, and trusted with nothing, least with time.
 */
final class LentSource implements ConnectionSource {

  private final DataSource dataSource;
  private final Consumer<Connection> eviction;

  LentSource(DataSource dataSource, Consumer<Connection> eviction) {
    this.dataSource = dataSource;
    this.eviction = eviction;
  }

  @Override
  public Connection borrow(Deadline deadline) throws SQLException {
    Connection connection = connection();
    if (connection == null) {
      throw BackendFailure.misconfigured(
          "the DataSource (%s) gives null for a connection".formatted(describe()), null);
    }
    return connection;
  }

  /** Pools that cannot start throw exceptions of their own. */
  private @Nullable Connection connection() throws SQLException {
    try {
      return dataSource.getConnection();
    } catch (RuntimeException e) {
      throw new SQLException(e.getMessage(), e);
    }
  }

  @Override
  public boolean borrowsInTime() {
    return false;
  }

  @Override
  public void giveBack(Connection connection) {
    Connections.closeQuietly(connection);
  }

  @Override
  public void discard(Connection connection) {
    eviction.accept(connection);
  }

  @Override
  public String describe() {
    return "a " + dataSource.getClass().getName();
  }
}
