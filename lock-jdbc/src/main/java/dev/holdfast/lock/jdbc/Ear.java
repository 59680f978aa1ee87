package dev.holdfast.lock.jdbc;

import java.sql.SQLException;
import java.util.List;

/** A connection on which the database tells a client whose turn has come. Not thread-safe. */
interface Ear {

  /**
   * Waits for messages.
   *
   * @return the names of locks that were released; an empty one is only a call
   */
  List<String> hear(int millis) throws SQLException;

  /** Asks the database for a sign of life. */
  void check() throws SQLException;

  /** Ends it, and leaves the connection as it was. */
  void end() throws SQLException;
}
