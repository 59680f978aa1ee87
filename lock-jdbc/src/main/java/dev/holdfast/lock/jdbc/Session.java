package dev.holdfast.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A borrowed connection, set up for one call of ours and afterwards as it was: auto-commit,
 * read-only, network timeout and what the dialect sets. The isolation is never touched: on
 * PostgreSQL that takes two trips and leaks through poolers, and one statement at a time needs
 * none.
 */
final class Session {

  private static final int UNTOUCHED = -1;

  private final Connection connection;
  private final boolean autoCommit;
  private boolean readOnly;
  private int networkTimeout = UNTOUCHED;
  private Dialect.@Nullable Restore restore;

  private Session(Connection connection) throws SQLException {
    this.connection = connection;
    this.autoCommit = connection.getAutoCommit();
  }

  /**
   * Sets the connection up. What a pool may have left open in it is rolled back: it would hold
   * locks, show an old state, or let the clock stand still.
   */
  static Session begin(Connection connection, Dialect dialect, Deadline deadline)
      throws SQLException {
    Session session = new Session(connection);
    session.restore = dialect.adjust(connection);
    if (dialect.obeysNetworkTimeout()) {
      session.networkTimeout = connection.getNetworkTimeout();
      connection.setNetworkTimeout(Runnable::run, deadline.millis());
    }
    if (!session.autoCommit) {
      connection.rollback();
      connection.setAutoCommit(true);
    }
    if (dialect.liftsReadOnly() && connection.isReadOnly()) {
      connection.setReadOnly(false);
      session.readOnly = true;
    }
    return session;
  }

  /** Puts everything back. */
  void end() throws SQLException {
    if (!autoCommit) {
      connection.setAutoCommit(false);
    }
    if (readOnly) {
      connection.setReadOnly(true);
    }
    if (networkTimeout != UNTOUCHED) {
      connection.setNetworkTimeout(Runnable::run, networkTimeout);
    }
    if (restore != null) {
      restore.restore();
    }
  }
}
