package dev.holdfast.lock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Where connections come from, and go back to. */
interface ConnectionSource {

  /**
   * A connection for one call. May block.
   *
   * @throws SQLException if there is none to be had
   * @throws InterruptedException if interrupted while waiting for one
   */
  Connection borrow(Deadline deadline) throws SQLException, InterruptedException;

  /** A connection that there is no need to wait for; null if there is none. */
  default @Nullable Connection atHand() {
    return null;
  }

  /** Whether {@link #borrow} would find a connection that is open and idle. */
  default boolean hasIdle() {
    return false;
  }

  /** Whether {@link #borrow} keeps the deadline by itself; else it is called on another thread. */
  boolean borrowsInTime();

  /** The connection to work on: without the wrapper of a pool that is told all it needs to know. */
  default Connection unwrapped(Connection connection) throws SQLException {
    return connection;
  }

  /** Takes back a connection in the state in which it came. */
  void giveBack(Connection connection);

  /** Ends a connection that must not be used again. */
  void discard(Connection connection);

  /** A connection turned out to be broken: the idle ones beside it may be, too. */
  default void suspect() {}

  /** Takes back a connection that leads to a database which may only be read. */
  default void readOnly(Connection connection) {
    giveBack(connection);
  }

  /** Whether all sessions were opened by us, with the settings of {@link UrlDataSource}. */
  default boolean opensSessions() {
    return false;
  }

  /** Which store this is, for messages: never with a password. */
  String describe();

  /** Ends what is open here, save what was lent. */
  default void close() {}
}
