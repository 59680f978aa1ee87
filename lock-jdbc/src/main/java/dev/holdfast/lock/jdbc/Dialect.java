package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.Claim;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How one vendor's database says what {@link LockTable} wants, and what may be expected of its
 * driver. To add a vendor, write one of these.
 *
 * <p>Whatever changes a row is <b>one statement, in auto-commit</b>. A transaction of several would
 * keep the row locked for as long as the server takes to notice that its client has vanished
 * between two of them, which can be hours.
 */
abstract class Dialect {

  /** The locks' table; checked. */
  final String table;

  Dialect(String table) {
    this.table = table;
  }

  /** How this store calls itself, for instance {@code jdbc:postgresql}. */
  abstract String backend();

  /** The statement that creates the table, for people to run. */
  abstract String ddl();

  /**
   * Creates the table if it is missing, for which any number of nodes may ask at once; where it is
   * there, this needs no right to create one.
   */
  abstract void createTable(Connection connection) throws SQLException;

  /** Whether a missing table is created without being told to. */
  abstract boolean createsTableUnasked();

  /** Whether to look for the table before its first use; else an error shows that it is missing. */
  abstract boolean looksForTable();

  /** Whether the driver ends a call after {@link Connection#setNetworkTimeout}. */
  abstract boolean obeysNetworkTimeout();

  /** Whether to lift a driver's read-only mark for our call: where that costs nothing. */
  abstract boolean liftsReadOnly();

  /**
   * The database's clock, as an instant in microseconds: one that does not stand still in a
   * transaction, or not longer than a statement lasts.
   */
  abstract String now();

  /** The condition that the row's lease has run out by that clock. */
  String stale() {
    return micros("start_time") + " + lease_ms * 1000 <= " + micros(now());
  }

  /** An instant as microseconds since 1970: no calendar, no zone, no summer time is involved. */
  String micros(String instant) {
    return "CAST(EXTRACT(EPOCH FROM " + instant + ") * 1000000 AS BIGINT)";
  }

  /** The condition that a column of the vendor's truth values says yes. */
  String isTrue(String column) {
    return column;
  }

  /** The condition that the row is of the name that follows as an argument, compared by bytes. */
  String named() {
    return "name = ?";
  }

  /**
   * The value that a change gives to its returning column: some vendors must be told to show it.
   */
  String told(String expression) {
    return expression;
  }

  /** The statement that switches a name on, for people to run. */
  String switchOn(String name) {
    return "UPDATE %s SET enabled = true WHERE name = %s".formatted(table, Texts.quoted(name));
  }

  /** The largest of two numbers. */
  String greatest(String one, String other) {
    return "GREATEST(" + one + ", " + other + ")";
  }

  /**
   * Changes one row if a condition holds of its newest version, under the row's lock.
   *
   * @param lockWait the longest to wait for the row
   * @return the column asked for, after the change; empty if there is no such row or the condition
   *     does not hold
   * @throws SQLException as contention, if others kept the row locked for so long
   */
  abstract OptionalLong update(Connection connection, RowUpdate update, Duration lockWait)
      throws SQLException;

  /**
   * Gives a row to a claim under its condition; also makes the row if it is missing, where the
   * vendor does both in one statement.
   *
   * @param grant the change, for a row that is there
   */
  OptionalLong take(Connection connection, Claim claim, RowUpdate grant, Duration lockWait)
      throws SQLException {
    return update(connection, grant, lockWait);
  }

  /**
   * Frees a row; also wakes the client that is enlisted in it, where the vendor can.
   *
   * @param update the change, for vendors who have nothing of their own
   */
  OptionalLong release(Connection connection, Claim claim, RowUpdate update, Duration lockWait)
      throws SQLException {
    return update(connection, update, lockWait);
  }

  /**
   * Makes a row that is not there.
   *
   * @param columns of the row, the first being the name
   * @param values as many, with a '?' for each argument
   * @return its token; empty if there is one of this name already
   */
  abstract OptionalLong insert(
      Connection connection,
      String columns,
      String values,
      List<Object> arguments,
      Duration lockWait)
      throws SQLException;

  /**
   * Makes a row that is not there, or reads the one that is, in one statement.
   *
   * @param columns and {@code values} as {@link #insert} gets them
   * @param row what to read
   * @return empty if the vendor has no such statement: then both are done one after the other
   */
  String insertOrRead(String columns, String values, String row, Duration lockWait) {
    return "";
  }

  /**
   * Starts the leases of all these claims anew where the rows are theirs, save those that somebody
   * else keeps locked at this moment: waits for nothing.
   *
   * @return by claim id, the lease of each row that was renewed
   */
  abstract Map<String, Duration> renew(Connection connection, List<? extends Claim> claims)
      throws SQLException;

  /** Those of the claims' ids whose rows are theirs; waits for nothing. */
  final List<String> stillTheirs(Connection connection, List<? extends Claim> claims)
      throws SQLException {
    return Jdbc.all(
        connection, theirs("t.claim_id"), results -> results.getString(1), listed(claims));
  }

  /** The arguments of {@link #theirs}. */
  Object[] listed(List<? extends Claim> claims) {
    return new Object[] {Texts.names(claims), Texts.ids(claims)};
  }

  /** Selects {@code column} of the rows {@code t} that are those of the {@link #listed} claims. */
  abstract String theirs(String column);

  // Waiters, for vendors who can wake a client; see WakeUps.

  /** Whether the rest of this is there. */
  boolean wakes() {
    return false;
  }

  /** Two columns of a row: which client is to be woken, and until when, in microseconds. */
  String waiter() {
    return "NULL, 0";
  }

  /**
   * Leaves the client's id in a row that is held, so that its release wakes that client; waits for
   * nothing.
   *
   * @param time after which the entry counts no more
   * @return false if the row is free or locked by now, or somebody else's entry is in it
   */
  boolean enlist(Connection connection, String name, String client, Duration time)
      throws SQLException {
    return false;
  }

  /**
   * Begins to listen for what wakes this client, on a connection that is kept for it.
   *
   * @return empty if this database, its driver or what is between them does not tell
   */
  Optional<Ear> listen(Connection connection, String client) throws SQLException {
    return Optional.empty();
  }

  /** Wakes a client with an empty message, to see whether that arrives. */
  void call(Connection connection, String client) throws SQLException {
    throw new UnsupportedOperationException();
  }

  // Connections.

  /** What has to be done before a connection is given back. */
  interface Restore {

    void restore() throws SQLException;
  }

  /** Sets something at the driver for one call; null if there is nothing to be set. */
  @Nullable Restore adjust(Connection connection) throws SQLException {
    return null;
  }

  /**
   * Deletes at most {@code limit} rows that are switched on, have no record, were not held for
   * {@code idle} and whose tokens are below the clock; skips locked ones.
   */
  abstract int purge(Connection connection, Duration idle, int limit) throws SQLException;
}
