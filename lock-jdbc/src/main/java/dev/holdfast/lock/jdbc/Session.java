package dev.holdfast.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * A borrowed connection, set up for one call of ours and afterwards as it was: auto-commit,
 * isolation, read-only and network timeout.
 */
final class Session {

  private static final int UNTOUCHED = -1;

  private final Connection connection;
  private final boolean autoCommit;
  private boolean readOnly;
  private int isolation = UNTOUCHED;
  private int networkTimeout = UNTOUCHED;

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
    if (dialect.obeysNetworkTimeout()) {
      session.networkTimeout = connection.getNetworkTimeout();
      connection.setNetworkTimeout(Runnable::run, deadline.millis());
    }
    if (!session.autoCommit) {
      connection.rollback();
    }
    if (dialect.liftsReadOnly() && connection.isReadOnly()) {
      connection.setReadOnly(false);
      session.readOnly = true;
    }
    int wanted = dialect.isolation();
    if (wanted != Connection.TRANSACTION_NONE && connection.getTransactionIsolation() != wanted) {
      session.isolation = connection.getTransactionIsolation();
      connection.setTransactionIsolation(wanted);
    }
    if (session.autoCommit == dialect.transactional()) {
      connection.setAutoCommit(!dialect.transactional());
    }
    return session;
  }

  /** Makes the work last, unless nobody waits for it any more. */
  void commit(Gate gate) throws SQLException {
    if (connection.getAutoCommit()) {
      return;
    }
    if (gate.isLeft()) {
      connection.rollback();
    } else {
      connection.commit();
    }
  }

  /** Puts everything back; what was not committed is rolled back. */
  void end() throws SQLException {
    if (!connection.getAutoCommit()) {
      connection.rollback();
    }
    if (connection.getAutoCommit() != autoCommit) {
      connection.setAutoCommit(autoCommit);
    }
    if (isolation != UNTOUCHED) {
      connection.setTransactionIsolation(isolation);
    }
    if (readOnly) {
      connection.setReadOnly(true);
    }
    if (networkTimeout != UNTOUCHED) {
      connection.setNetworkTimeout(Runnable::run, networkTimeout);
    }
  }
}
