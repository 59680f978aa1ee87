package dev.holdfast.lock.jdbc;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** An application's data source without a pool; a test overrides what it needs. */
class DirectDataSource implements DataSource {

  private final String url;

  DirectDataSource(String url) {
    this.url = url;
  }

  @Override
  public Connection getConnection() throws SQLException {
    return DriverManager.getConnection(url);
  }

  @Override
  public final Connection getConnection(String username, String password) {
    throw new UnsupportedOperationException();
  }

  @Override
  public final PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public final void setLogWriter(PrintWriter out) {}

  @Override
  public final void setLoginTimeout(int seconds) {}

  @Override
  public final int getLoginTimeout() {
    return 0;
  }

  @Override
  public final Logger getParentLogger() {
    throw new UnsupportedOperationException();
  }

  @Override
  public final <T> T unwrap(Class<T> type) {
    throw new UnsupportedOperationException();
  }

  @Override
  public final boolean isWrapperFor(Class<?> type) {
    return false;
  }
}
