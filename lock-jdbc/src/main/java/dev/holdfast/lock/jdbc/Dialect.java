package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.Claim;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What one vendor's database is asked, in its own SQL, and what may be expected of its driver. The
 * statements that are the same everywhere live here.
 *
 * <p>Each method is one attempt on a connection that is prepared ({@link Session}): in auto-commit,
 * or in a transaction that is committed after the method returned, as {@link #transactional()}
 * says. Waits for a row end with the vendor's lock timeout, within {@code lockWait}.
 *
 * <p>A claim's statement sets {@code start_time} from the database's clock, which it reads after it
 * was sent, so never before S; nobody takes the row over before that clock says {@code start_time +
 * lease}.
 */
abstract class Dialect {

  final String table;

  Dialect(String table) {
    this.table = table;
  }

  /** How this store calls itself, for instance {@code jdbc:postgresql}. */
  abstract String backend();

  /**
   * Creates the table if it is missing, for which any number of nodes may ask at once; where it is
   * there, this needs no right to create one.
   */
  abstract void createTable(Connection connection) throws SQLException;

  /** The statement to run by hand. */
  abstract String ddl();

  /** Whether a missing table is created without being told to. */
  abstract boolean createsTableUnasked();

  /** Whether to look for the table before its first use; else an error shows that it is missing. */
  abstract boolean looksForTable();

  /** Whether the methods need more than one statement that must see the same row. */
  abstract boolean transactional();

  /** The isolation that the methods need; {@link Connection#TRANSACTION_NONE} leaves it alone. */
  abstract int isolation();

  /** Whether the driver ends a call after {@link Connection#setNetworkTimeout}. */
  abstract boolean obeysNetworkTimeout();

  /** Whether to lift a driver's read-only mark for our call. */
  abstract boolean liftsReadOnly();

  /**
   * Gives the row to the claim if it is free, stale or already the claim's own, whose lease starts
   * anew then.
   *
   * @return the fencing token; empty if it is not there or not to be had
   */
  abstract OptionalLong take(Connection connection, Claim claim, Duration lockWait)
      throws SQLException;

  /** Makes the row, held by the claim; empty if somebody else was quicker. */
  abstract OptionalLong create(Connection connection, Claim claim, Duration lockWait)
      throws SQLException;

  /** Gives the row from one claim to the next, if it is {@code from}'s and switched on. */
  abstract OptionalLong pass(Connection connection, Claim from, Claim to, Duration lockWait)
      throws SQLException;

  /** Frees the row if it is the claim's. */
  abstract boolean release(Connection connection, Claim claim, Duration lockWait)
      throws SQLException;

  /**
   * Starts the leases of all these claims anew, save rows that are locked by somebody else at this
   * moment, which are skipped.
   *
   * @return by claim id, the lease of each row that was renewed
   */
  abstract Map<String, Duration> renew(Connection connection, List<? extends Claim> claims)
      throws SQLException;

  /** The same for one claim, waiting for its row; empty if the row is not the claim's. */
  abstract Optional<Duration> renewOne(Connection connection, Claim claim, Duration lockWait)
      throws SQLException;

  /** The ids of those claims whose rows are theirs; waits for nothing. */
  Set<String> stillTheirs(Connection connection, Collection<? extends Claim> claims)
      throws SQLException {
    return Set.copyOf(
        Jdbc.all(
            connection,
            "SELECT claim_id FROM " + table + " WHERE name = ANY(?) AND claim_id = ANY(?)",
            results -> results.getString(1),
            Texts.names(claims),
            Texts.ids(claims)));
  }

  /** Writes the record if the row is the claim's and its lease has not run out. */
  abstract boolean write(Connection connection, Claim claim, String record, Duration lockWait)
      throws SQLException;

  /** Sets the switch; a missing row is made when it is to be off. */
  abstract void setEnabled(Connection connection, String name, boolean enabled, Duration lockWait)
      throws SQLException;

  /** Deletes at most {@code limit} rows that nobody needs; skips locked ones where it can. */
  abstract int purge(Connection connection, Duration idle, int limit) throws SQLException;

  /** An instant as microseconds since 1970: no calendar, no zone, no summer time is involved. */
  static String micros(String instant) {
    return "CAST(EXTRACT(EPOCH FROM " + instant + ") * 1000000 AS BIGINT)";
  }

  /** The columns of {@link Row}, with the vendor's clock. */
  static String rowColumns(String now) {
    return "name, enabled, claim_id, holder, "
        + micros("start_time")
        + ", lease_ms, token, "
        + micros(now);
  }

  /** Reads a row without locking it. */
  abstract Optional<Row> look(Connection connection, String name) throws SQLException;

  /** The record of a name. */
  final Optional<String> record(Connection connection, String name) throws SQLException {
    return Jdbc.first(
        connection,
        "SELECT record FROM " + table + " WHERE name = ? AND record IS NOT NULL",
        results -> results.getString(1),
        name);
  }

  static Row row(ResultSet results) throws SQLException {
    return new Row(
        results.getString(1),
        results.getBoolean(2),
        results.getString(3),
        results.getString(4),
        results.getLong(5),
        results.getLong(6),
        results.getLong(7),
        results.getLong(8));
  }

  /** Never shorter than what the claim asked for: what we trust must be at the store. */
  static long leaseMillis(Claim claim) {
    return claim.lease().plusNanos(999_999).toMillis();
  }
}
