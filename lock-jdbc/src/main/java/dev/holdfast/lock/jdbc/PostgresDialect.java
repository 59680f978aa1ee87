package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.Claim;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * PostgreSQL 12 and later: one statement per step, in auto-commit.
 *
 * <p><b>Taking a row is one conditional UPDATE.</b> It locks the row itself. If it had to wait
 * behind another transaction that changed the row, READ COMMITTED looks at the new version and
 * evaluates the condition again, its clock included; under a stricter default isolation it fails
 * with 40001, which counts as contention. If the other one only locked the row, the clock stays
 * that of before the wait. That is the safe side: the lease then starts earlier, yet after S, and a
 * row that was stale before the wait and was not changed is stale after it. The alternative, SELECT
 * FOR UPDATE in a CTE with the clock outside of it, costs the server about twice the time (115
 * against 65 microseconds for a pair, fsync aside) and every refused claim a write.
 *
 * <p><b>{@code set_config(..., true)} inside the statement</b> bounds its wait for the row, and
 * makes its commit synchronous where somebody has switched that off: a grant or renewal that a
 * crash undoes would let the name go to another while it is held. It ends with the statement's own
 * transaction, so nothing leaks through a pooler in transaction mode, and costs no round trip. An
 * uncorrelated sub-select is evaluated before the table is touched.
 *
 * <p>{@code clock_timestamp()}, as {@code now()} stands still within a transaction. {@code
 * timestamptz} is an instant in microseconds, shown to people in their own zone.
 */
final class PostgresDialect extends Dialect {

  private static final String NOW = "clock_timestamp()";

  private static final String BOUNDED = "(SELECT set_config('lock_timeout', ?, true)) IS NOT NULL";

  private static final String DURABLE =
      "(SELECT CASE current_setting('synchronous_commit') WHEN 'off'"
          + " THEN set_config('synchronous_commit', 'on', true) ELSE '' END) IS NOT NULL";

  private static final String STALE = "start_time + lease_ms * interval '1 ms' <= " + NOW;

  private static final String NEXT_TOKEN = "greatest(token + 1, " + micros(NOW) + ")";

  private final String takeSql;
  private final String createSql;
  private final String passSql;
  private final String releaseSql;
  private final String renewSql;
  private final String renewOneSql;
  private final String lookSql;

  PostgresDialect(String table) {
    super(table);
    takeSql =
        "UPDATE "
            + table
            + " SET claim_id = ?, holder = ?, start_time = "
            + NOW
            + ", lease_ms = ?, token = CASE WHEN claim_id = ? THEN token ELSE "
            + NEXT_TOKEN
            + " END WHERE name = ? AND (claim_id = ? OR (enabled AND (claim_id IS NULL OR "
            + STALE
            + "))) AND "
            + BOUNDED
            + " AND "
            + DURABLE
            + " RETURNING token";
    createSql =
        "INSERT INTO "
            + table
            + " (name, claim_id, holder, start_time, lease_ms, token) SELECT ?, ?, ?, "
            + NOW
            + ", ?, "
            + micros(NOW)
            + " WHERE "
            + BOUNDED
            + " AND "
            + DURABLE
            + " ON CONFLICT (name) DO NOTHING RETURNING token";
    passSql =
        "UPDATE "
            + table
            + " SET claim_id = ?, holder = ?, start_time = "
            + NOW
            + ", lease_ms = ?, token = "
            + NEXT_TOKEN
            + " WHERE name = ? AND claim_id = ? AND enabled AND "
            + BOUNDED
            + " AND "
            + DURABLE
            + " RETURNING token";
    releaseSql =
        "UPDATE "
            + table
            + " SET claim_id = NULL, holder = NULL WHERE name = ? AND claim_id = ? AND "
            + BOUNDED;
    renewSql =
        "WITH theirs AS (SELECT t.name FROM unnest(?::text[], ?::text[]) AS c(name, claim_id) JOIN "
            + table
            + " t ON t.name = c.name AND t.claim_id = c.claim_id WHERE "
            + DURABLE
            + " FOR UPDATE OF t SKIP LOCKED) UPDATE "
            + table
            + " t SET start_time = "
            + NOW
            + " FROM theirs WHERE t.name = theirs.name RETURNING t.claim_id, t.lease_ms";
    renewOneSql =
        "UPDATE "
            + table
            + " SET start_time = "
            + NOW
            + " WHERE name = ? AND claim_id = ? AND "
            + BOUNDED
            + " AND "
            + DURABLE
            + " RETURNING lease_ms";
    lookSql = "SELECT " + rowColumns(NOW) + " FROM " + table + " WHERE name = ?";
  }

  @Override
  String backend() {
    return "jdbc:postgresql";
  }

  /** Fewer than a full page, so that an update finds room beside the old version (HOT). */
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

  /** A missing table is an error in the server's log, which somebody watches. */
  @Override
  boolean looksForTable() {
    return true;
  }

  @Override
  boolean createsTableUnasked() {
    return false;
  }

  @Override
  boolean transactional() {
    return false;
  }

  /** Setting it costs two trips, and leaks through poolers. */
  @Override
  int isolation() {
    return Connection.TRANSACTION_NONE;
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
  OptionalLong take(Connection connection, Claim claim, Duration lockWait) throws SQLException {
    return token(
        connection,
        takeSql,
        claim.id(),
        Texts.holder(claim),
        leaseMillis(claim),
        claim.id(),
        claim.name(),
        claim.id(),
        timeout(lockWait));
  }

  @Override
  OptionalLong create(Connection connection, Claim claim, Duration lockWait) throws SQLException {
    return token(
        connection,
        createSql,
        claim.name(),
        claim.id(),
        Texts.holder(claim),
        leaseMillis(claim),
        timeout(lockWait));
  }

  @Override
  OptionalLong pass(Connection connection, Claim from, Claim to, Duration lockWait)
      throws SQLException {
    return token(
        connection,
        passSql,
        to.id(),
        Texts.holder(to),
        leaseMillis(to),
        from.name(),
        from.id(),
        timeout(lockWait));
  }

  @Override
  boolean release(Connection connection, Claim claim, Duration lockWait) throws SQLException {
    return Jdbc.update(connection, releaseSql, claim.name(), claim.id(), timeout(lockWait)) > 0;
  }

  @Override
  Map<String, Duration> renew(Connection connection, List<? extends Claim> claims)
      throws SQLException {
    Map<String, Duration> leases = new HashMap<>();
    Jdbc.all(
        connection,
        renewSql,
        results -> leases.put(results.getString(1), Duration.ofMillis(results.getLong(2))),
        Texts.names(claims),
        Texts.ids(claims));
    return leases;
  }

  @Override
  Optional<Duration> renewOne(Connection connection, Claim claim, Duration lockWait)
      throws SQLException {
    return Jdbc.first(
        connection,
        renewOneSql,
        results -> Duration.ofMillis(results.getLong(1)),
        claim.name(),
        claim.id(),
        timeout(lockWait));
  }

  @Override
  boolean write(Connection connection, Claim claim, String record, Duration lockWait)
      throws SQLException {
    return Jdbc.update(
            connection,
            "UPDATE "
                + table
                + " SET record = ? WHERE name = ? AND claim_id = ? AND NOT "
                + STALE
                + " AND "
                + BOUNDED
                + " AND "
                + DURABLE,
            record,
            claim.name(),
            claim.id(),
            timeout(lockWait))
        > 0;
  }

  @Override
  void setEnabled(Connection connection, String name, boolean enabled, Duration lockWait)
      throws SQLException {
    if (enabled) {
      Jdbc.update(
          connection,
          "UPDATE " + table + " SET enabled = true WHERE name = ? AND " + BOUNDED,
          name,
          timeout(lockWait));
    } else {
      Jdbc.update(
          connection,
          "INSERT INTO "
              + table
              + " (name, enabled) SELECT ?, false WHERE "
              + BOUNDED
              + " ON CONFLICT (name) DO UPDATE SET enabled = false",
          name,
          timeout(lockWait));
    }
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
            + NOW
            + " - ? * interval '1 ms' AND token < "
            + micros(NOW)
            + " LIMIT ? FOR UPDATE SKIP LOCKED)",
        idle.toMillis(),
        (long) limit);
  }

  @Override
  Optional<Row> look(Connection connection, String name) throws SQLException {
    return Jdbc.first(connection, lookSql, Dialect::row, name);
  }

  private static OptionalLong token(Connection connection, String sql, Object... arguments)
      throws SQLException {
    return Jdbc.first(connection, sql, results -> results.getLong(1), arguments).stream()
        .mapToLong(Long::longValue)
        .findFirst();
  }

  private static String timeout(Duration lockWait) {
    return Long.toString(lockWait.toMillis());
  }
}
