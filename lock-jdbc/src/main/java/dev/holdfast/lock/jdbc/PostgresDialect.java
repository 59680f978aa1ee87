package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.Claim;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * PostgreSQL 12 and later.
 *
 * <p><b>A claim is one INSERT ... ON CONFLICT DO UPDATE</b> of a row that either is not there or
 * looks free. The conflict locks the row, and only then are the condition and the clock evaluated,
 * on its newest version; a row that is visibly held is not touched, so a refused claim costs a read
 * and makes no holder wait. SELECT FOR UPDATE in a CTE with the clock outside of it does the same
 * for more (140 against 110 microseconds of the server for a pair, fsync aside, and 85 for a bare
 * upsert), and needs further statements for a missing row.
 *
 * <p><b>Other changes are one conditional UPDATE.</b> If it had to wait behind another transaction
 * that changed the row, READ COMMITTED takes the new version and evaluates the condition again, its
 * clock included. If the other one only locked the row, the clock stays that of before the wait:
 * the lease then starts earlier, yet after S, which is the safe side. Under a stricter default
 * isolation both fail with 40001, which counts as contention.
 *
 * <p><b>{@code set_config(..., true)} inside the statement</b> bounds its wait for the row, and
 * makes its commit synchronous where somebody has switched that off: a grant that a crash undoes
 * would let the name go to another while it is held. It ends with the statement's own transaction,
 * so nothing leaks through a pooler in transaction mode, and costs no round trip. A sub-select that
 * refers to no row is evaluated before the table is touched.
 *
 * <p>{@code clock_timestamp()}, as {@code now()} stands still within a transaction.
 */
final class PostgresDialect extends Dialect {

  private static final String BOUNDED =
      " AND (SELECT set_config('lock_timeout', ?, true)) IS NOT NULL";

  private static final String DURABLE =
      " AND (SELECT CASE current_setting('synchronous_commit') WHEN 'off'"
          + " THEN set_config('synchronous_commit', 'on', true) ELSE '' END) IS NOT NULL";

  PostgresDialect(String table) {
    super(table);
  }

  @Override
  String backend() {
    return "jdbc:postgresql";
  }

  /** Pages are left partly empty, so that a new version fits beside the old one (HOT). */
  @Override
  String ddl() {
    return """
    CREATE TABLE IF NOT EXISTS %s (
      name       varchar(512) COLLATE "C" PRIMARY KEY,
      enabled    boolean NOT NULL DEFAULT true,
      claim_id   varchar(64),
      holder     varchar(255),
      start_time timestamptz NOT NULL DEFAULT clock_timestamp(),
      lease_ms   bigint NOT NULL DEFAULT 0,
      token      bigint NOT NULL DEFAULT 0,
      record     varchar(2000)
    ) WITH (fillfactor = 70)\
    """
        .formatted(table);
  }

  /** IF NOT EXISTS alone lets two nodes collide in the catalogue, with an error in the log. */
  @Override
  void createTable(Connection connection) throws SQLException {
    Jdbc.update(
        connection,
        "DO $holdfast$ BEGIN IF to_regclass('"
            + table
            + "') IS NULL THEN PERFORM pg_advisory_xact_lock(hashtext('holdfast.lock.jdbc')); "
            + ddl()
            + "; END IF; END $holdfast$");
  }

  @Override
  boolean createsTableUnasked() {
    return false;
  }

  /** A missing table is an error in the server's log, which somebody watches. */
  @Override
  boolean looksForTable() {
    return true;
  }

  @Override
  boolean obeysNetworkTimeout() {
    return true;
  }

  /** A field of the driver, no trip. */
  @Override
  boolean liftsReadOnly() {
    return true;
  }

  @Override
  String now() {
    return "clock_timestamp()";
  }

  /** In floating point, which is exact to the microsecond until 2255, and cheaper than numeric. */
  @Override
  String micros(String instant) {
    return "CAST(date_part('epoch', " + instant + ") * 1000000 AS bigint)";
  }

  /** Cheaper than to compare numbers; of milliseconds an interval has no days to be misread. */
  @Override
  String stale() {
    return "start_time + lease_ms * interval '1 ms' <= " + now();
  }

  @Override
  OptionalLong update(Connection connection, RowUpdate update, Duration lockWait)
      throws SQLException {
    String sql =
        "UPDATE "
            + table
            + " SET "
            + update.set()
            + " WHERE name = ? AND "
            + update.condition()
            + BOUNDED
            + (update.durable() ? DURABLE : "")
            + " RETURNING "
            + update.returning();
    List<Object> arguments = new ArrayList<>(update.setArguments());
    arguments.add(update.name());
    arguments.addAll(update.conditionArguments());
    arguments.add(timeout(lockWait));
    return Jdbc.number(connection, sql, arguments);
  }

  @Override
  OptionalLong take(Connection connection, Claim claim, RowUpdate grant, Duration lockWait)
      throws SQLException {
    String grantable =
        "(%1$s.claim_id = %2$s OR (%1$s.enabled AND (%1$s.claim_id IS NULL OR %1$s.start_time +"
            + " %1$s.lease_ms * interval '1 ms' <= "
            + now()
            + ")))";
    String sql =
        "INSERT INTO "
            + table
            + " AS t (name, claim_id, holder, lease_ms, start_time, token) SELECT ?, ?, ?, ?, "
            + now()
            + ", "
            + micros(now())
            + " WHERE NOT EXISTS (SELECT 1 FROM "
            + table
            + " h WHERE h.name = ? AND "
            + grantable.formatted("h", "?")
            + " IS NOT TRUE)"
            + BOUNDED
            + DURABLE
            + " ON CONFLICT (name) DO UPDATE SET claim_id = excluded.claim_id,"
            + " holder = excluded.holder, lease_ms = excluded.lease_ms, start_time = "
            + now()
            + ", token = CASE WHEN t.claim_id = excluded.claim_id THEN t.token ELSE "
            + greatest("t.token + 1", micros(now()))
            + " END WHERE "
            + grantable.formatted("t", "excluded.claim_id")
            + " RETURNING t.token";
    return Jdbc.number(
        connection,
        sql,
        List.of(
            claim.name(),
            claim.id(),
            Texts.holder(claim),
            LockTable.leaseMillis(claim),
            claim.name(),
            claim.id(),
            timeout(lockWait)));
  }

  @Override
  OptionalLong insert(
      Connection connection,
      String columns,
      String values,
      List<Object> arguments,
      Duration lockWait)
      throws SQLException {
    String sql =
        "INSERT INTO "
            + table
            + " ("
            + columns
            + ") SELECT "
            + values
            + " WHERE true"
            + BOUNDED
            + DURABLE
            + " ON CONFLICT (name) DO NOTHING RETURNING token";
    List<Object> all = new ArrayList<>(arguments);
    all.add(timeout(lockWait));
    return Jdbc.number(connection, sql, all);
  }

  @Override
  Map<String, Duration> renew(Connection connection, List<? extends Claim> claims)
      throws SQLException {
    Map<String, Duration> leases = new HashMap<>();
    Jdbc.all(
        connection,
        "WITH theirs AS ("
            + theirs("t.name")
            + DURABLE
            + " FOR UPDATE OF t SKIP LOCKED) UPDATE "
            + table
            + " t SET start_time = "
            + now()
            + " FROM theirs WHERE t.name = theirs.name RETURNING t.claim_id, t.lease_ms",
        results -> leases.put(results.getString(1), Duration.ofMillis(results.getLong(2))),
        Texts.names(claims),
        Texts.ids(claims));
    return leases;
  }

  @Override
  String theirs(String column) {
    return "SELECT "
        + column
        + " FROM unnest(?::text[], ?::text[]) AS c(name, claim_id) JOIN "
        + table
        + " t ON t.name = c.name AND t.claim_id = c.claim_id WHERE true";
  }

  @Override
  int purge(Connection connection, Duration idle, int limit) throws SQLException {
    return Jdbc.update(
        connection,
        "DELETE FROM "
            + table
            + " WHERE name IN (SELECT name FROM "
            + table
            + " WHERE enabled AND record IS NULL AND start_time + lease_ms * interval '1 ms' < "
            + now()
            + " - ? * interval '1 ms' AND token < "
            + micros(now())
            + " LIMIT ? FOR UPDATE SKIP LOCKED)",
        idle.toMillis(),
        (long) limit);
  }

  private static String timeout(Duration lockWait) {
    return Long.toString(lockWait.toMillis());
  }
}
