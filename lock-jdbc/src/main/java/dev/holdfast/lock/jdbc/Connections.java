package dev.holdfast.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ends of connections, which must not hide what happened before. */
final class Connections {

  private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

  private Connections() {}

  static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException | RuntimeException e) {
      LOG.debug("A connection failed to close", e);
    }
  }

  /** Cuts the line without a word to the server: a goodbye may block on a dead network. */
  static void abort(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException | RuntimeException | AbstractMethodError e) {
      LOG.debug("A connection failed to abort", e);
    }
    closeQuietly(connection);
  }
}
