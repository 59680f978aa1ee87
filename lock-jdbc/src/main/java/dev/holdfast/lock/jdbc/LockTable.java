package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.Claim;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The table of locks, one row for each, and what is done to it, one statement for each.
 *
 * <p>A claim's statement sets {@code start_time} from the database's clock, which is read after the
 * statement was sent, so never before S; nobody takes the row over before that clock says {@code
 * start_time + lease_ms}.
 *
 * <p>{@code start_time} is an instant, kept in the vendor's type for instants with microseconds:
 * people see a time, and no zone or summer time changes what is compared. Milliseconds since 1970
 * would do the same and say nothing to those who look.
 */
final class LockTable {

  private static final String OWN = "claim_id = ?";
  private static final String HELD_COLUMNS = "name, claim_id, holder, lease_ms, start_time, token";

  private final Dialect dialect;
  private final String table;
  private final String grant;
  private final String grantable;
  private final String nextToken;
  private final String created;
  private final String rowColumns;
  private final String row;

  LockTable(Dialect dialect) {
    this.dialect = dialect;
    this.table = dialect.table;
    String now = dialect.now();
    // With the clock in it, tokens go on increasing when a row was deleted and is made anew.
    this.nextToken = dialect.greatest("token + 1", dialect.micros(now));
    // The token comes first: MySQL's assignments see what those before them have assigned.
    this.grant = ", claim_id = ?, holder = ?, start_time = " + now + ", lease_ms = ?";
    this.grantable =
        "(claim_id = ? OR ("
            + dialect.isTrue("enabled")
            + " AND (claim_id IS NULL OR "
            + dialect.stale()
            + ")))";
    this.created = "?, ?, ?, ?, " + now + ", " + dialect.told(dialect.micros(now));
    this.rowColumns =
        "name, enabled, claim_id, holder, "
            + dialect.micros("start_time")
            + ", lease_ms, token, "
            + dialect.micros(now)
            + ", "
            + dialect.waiter();
    this.row = "SELECT " + rowColumns + " FROM " + table + " WHERE " + dialect.named();
  }

  Dialect dialect() {
    return dialect;
  }

  /**
   * Gives the row to the claim if it is free, stale or already the claim's own, whose lease starts
   * anew then. Some vendors also make a missing row, see {@link Dialect#take}.
   *
   * @return the fencing token; empty if the row is not there or not to be had
   */
  OptionalLong take(Connection connection, Claim claim, Duration lockWait) throws SQLException {
    RowUpdate update =
        new RowUpdate(
            "token = "
                + dialect.told("CASE WHEN claim_id = ? THEN token ELSE " + nextToken + " END")
                + grant,
            List.of(claim.id(), claim.id(), Texts.holder(claim), leaseMillis(claim)),
            claim.name(),
            grantable,
            List.of(claim.id()),
            "token",
            true);
    return dialect.take(connection, claim, update, lockWait);
  }

  /** Makes the row, held by the claim; empty if somebody else was quicker. */
  OptionalLong create(Connection connection, Claim claim, Duration lockWait) throws SQLException {
    return dialect.insert(connection, HELD_COLUMNS, created, heldArguments(claim), lockWait);
  }

  private static List<Object> heldArguments(Claim claim) {
    return List.of(claim.name(), claim.id(), Texts.holder(claim), leaseMillis(claim));
  }

  /**
   * Reads the row, or makes it, held by the claim, if it is not there. Where it turns out to be the
   * claim's, an older statement of the claim may have started its lease long before.
   *
   * @return empty if it vanished meanwhile
   */
  Optional<Row> lookOrCreate(Connection connection, Claim claim, Duration lockWait)
      throws SQLException {
    String both = dialect.insertOrRead(HELD_COLUMNS, created, rowColumns, lockWait);
    if (!both.isEmpty()) {
      return Jdbc.first(connection, both, LockTable::row, heldArguments(claim).toArray());
    }
    Optional<Row> seen = look(connection, claim.name());
    if (seen.isPresent()) {
      return seen;
    }
    OptionalLong token = create(connection, claim, lockWait);
    return token.isPresent()
        ? Optional.of(Row.madeFor(claim, token.getAsLong()))
        : look(connection, claim.name());
  }

  /** Gives the row from one claim to the next, if it is {@code from}'s and switched on. */
  OptionalLong pass(Connection connection, Claim from, Claim to, Duration lockWait)
      throws SQLException {
    RowUpdate update =
        new RowUpdate(
            "token = " + dialect.told(nextToken) + grant,
            List.of(to.id(), Texts.holder(to), leaseMillis(to)),
            from.name(),
            OWN + " AND " + dialect.isTrue("enabled"),
            List.of(from.id()),
            "token",
            true);
    return dialect.update(connection, update, lockWait);
  }

  /** Frees the row if it is the claim's. */
  boolean release(Connection connection, Claim claim, Duration lockWait) throws SQLException {
    RowUpdate update =
        new RowUpdate(
            "claim_id = NULL, holder = NULL",
            List.of(),
            claim.name(),
            OWN,
            List.of(claim.id()),
            "token",
            false);
    return dialect.release(connection, claim, update, lockWait).isPresent();
  }

  /** See {@link Dialect#enlist}. */
  boolean enlist(Connection connection, String name, String client, Duration time)
      throws SQLException {
    return dialect.enlist(connection, name, client, time);
  }

  /** See {@link Dialect#renew}. */
  Map<String, Duration> renew(Connection connection, List<? extends Claim> claims)
      throws SQLException {
    return dialect.renew(connection, claims);
  }

  /** The same for one claim, waiting for its row; empty if the row is not the claim's. */
  Optional<Duration> renewOne(Connection connection, Claim claim, Duration lockWait)
      throws SQLException {
    RowUpdate update =
        new RowUpdate(
            "start_time = " + dialect.now(),
            List.of(),
            claim.name(),
            OWN,
            List.of(claim.id()),
            "lease_ms",
            true);
    OptionalLong lease = dialect.update(connection, update, lockWait);
    return lease.isPresent() ? Optional.of(Duration.ofMillis(lease.getAsLong())) : Optional.empty();
  }

  /** The ids of those claims whose rows are theirs; waits for nothing. */
  Set<String> stillTheirs(Connection connection, List<? extends Claim> claims) throws SQLException {
    return Set.copyOf(dialect.stillTheirs(connection, claims));
  }

  /** Writes the record if the row is the claim's and its lease has not run out. */
  boolean write(Connection connection, Claim claim, String record, Duration lockWait)
      throws SQLException {
    RowUpdate update =
        new RowUpdate(
            "record = ?",
            List.of(record),
            claim.name(),
            OWN + " AND NOT (" + dialect.stale() + ")",
            List.of(claim.id()),
            "token",
            true);
    return dialect.update(connection, update, lockWait).isPresent();
  }

  /** Sets the switch; a missing row is made when it is to be off. */
  void setEnabled(Connection connection, String name, boolean enabled, Duration lockWait)
      throws SQLException {
    RowUpdate update =
        new RowUpdate(
            "enabled = ?", List.of(enabled), name, "token IS NOT NULL", List.of(), "token", true);
    boolean done = dialect.update(connection, update, lockWait).isPresent() || enabled;
    if (!done
        && dialect
            .insert(connection, "name, enabled", "?, ?", List.of(name, false), lockWait)
            .isEmpty()) {
      dialect.update(connection, update, lockWait);
    }
  }

  /** See {@link Dialect#purge}. */
  int purge(Connection connection, Duration idle, int limit) throws SQLException {
    return dialect.purge(connection, idle, limit);
  }

  /** Reads a row, and the clock, without locking. */
  Optional<Row> look(Connection connection, String name) throws SQLException {
    return Jdbc.first(connection, row, LockTable::row, name);
  }

  /** The record of a name. */
  Optional<String> record(Connection connection, String name) throws SQLException {
    return Jdbc.first(
        connection,
        "SELECT record FROM " + table + " WHERE " + dialect.named() + " AND record IS NOT NULL",
        results -> results.getString(1),
        name);
  }

  private static Row row(ResultSet results) throws SQLException {
    return new Row(
        results.getString(1),
        results.getBoolean(2),
        results.getString(3),
        results.getString(4),
        results.getLong(5),
        results.getLong(6),
        results.getLong(7),
        results.getLong(8),
        results.getString(9),
        results.getLong(10));
  }

  /** Never shorter than what the claim asked for: what we trust must be at the store. */
  static long leaseMillis(Claim claim) {
    return claim.lease().plusNanos(999_999).toMillis();
  }
}
