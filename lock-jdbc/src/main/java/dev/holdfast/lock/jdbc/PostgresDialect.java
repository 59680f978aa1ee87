package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.Claim;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

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
 * would let the name go to another while it is held. A release is the other way round: its commit
 * waits for no disk, as one that a crash undoes leaves a lock that nobody uses until its lease
 * ends, and the next grant's commit, which comes later in the log, takes it along. Each setting
 * ends with the statement's own transaction, so nothing leaks through a pooler in transaction mode,
 * and costs no round trip. A sub-select that refers to no row is evaluated before the table is
 * touched.
 *
 * <p><b>Waiters.</b> One client at a time may leave its id in a row that is held: the release then
 * notifies that client alone, and keeps the row for it against others that wait, for {@link #KEPT}:
 * else the one who released it, who asks again at once, would win every time. A claim that asks
 * only once does not heed that, so what is free can always be had.
 *
 * <p><b>Poolers.</b> A pooler in transaction mode gives each statement another session, where
 * statements prepared before are unknown, or worse, are others: behind one nothing is prepared, and
 * nobody listens. It gives itself away by the process id of the session, which is not what the
 * login said.
 *
 * <p>{@code clock_timestamp()}, as {@code now()} stands still within a transaction.
 */
final class PostgresDialect extends Dialect {

  /**
   * For how long a freed row is kept for the client entered in it: one that is notified asks sooner
   * on a loaded machine, too; one that polls does so four times in the time that the hold has
   * taken, or four times a second (WakeUps).
   */
  private static final String KEPT =
      "LEAST(300, 50 + GREATEST(0, (date_part('epoch', clock_timestamp()) * 1000000 - token) /"
          + " 4000)) * interval '1 ms'";

  private static final String CHANNEL = "holdfast_";

  private static final String BOUNDED = and("set_config('lock_timeout', ?, true)");

  /** With both in one sub-select, for each of them costs as much as three microseconds. */
  private static final String DURABLE =
      and(
          "set_config('lock_timeout', ?, true) || CASE current_setting('synchronous_commit') WHEN"
              + " 'off' THEN set_config('synchronous_commit', 'on', true) ELSE '' END");

  private static final String DURABLE_UNBOUNDED =
      and(
          "CASE current_setting('synchronous_commit') WHEN 'off' THEN"
              + " set_config('synchronous_commit', 'on', true) ELSE '' END");

  private static final String QUICK =
      and("set_config('lock_timeout', ?, true) || set_config('synchronous_commit', 'off', true)");

  private static final String QUICK_UNBOUNDED =
      and("set_config('synchronous_commit', 'off', true)");

  private final boolean pooled;
  private final String waitingTake;
  private final String askingTake;
  private final String release;
  private final String enlist;

  /**
   * Words everything for one table.
   *
   * @param pooled whether a pooler stands before the database
   */
  PostgresDialect(String table, boolean pooled) {
    super(table);
    this.pooled = pooled;
    this.waitingTake = take(free("%1$s", "%2$s"));
    this.askingTake = take("%1$s.claim_id IS NULL");
    this.release =
        "UPDATE "
            + table
            + " SET claim_id = NULL, holder = NULL, waiter_until = CASE WHEN waiter IS NOT NULL"
            + " THEN LEAST(waiter_until, clock_timestamp() + "
            + KEPT
            + ") END WHERE name = ? AND claim_id = ?"
            + QUICK
            + " RETURNING token, CASE WHEN waiter_until > clock_timestamp() THEN pg_notify('"
            + CHANNEL
            + "' || waiter, name) END";
    this.enlist =
        "UPDATE "
            + table
            + " SET waiter = ?, waiter_until = clock_timestamp() + ? * interval '1 ms'"
            + " WHERE name = (SELECT name FROM "
            + table
            + " WHERE name = ? AND claim_id IS NOT NULL AND (waiter IS NULL OR waiter = ?"
            + " OR waiter_until <= clock_timestamp()) FOR UPDATE SKIP LOCKED)"
            + QUICK_UNBOUNDED
            + " RETURNING token";
  }

  /** Looks at the way to the database: one trip. */
  static PostgresDialect over(Connection connection, String table) throws SQLException {
    return new PostgresDialect(table, PostgresDriver.isPooled(connection));
  }

  /** A condition that is true, and sets something on the way. */
  private static String and(String setting) {
    return " AND (SELECT " + setting + ") IS NOT NULL";
  }

  private static String free(String row, String claim) {
    return "("
        + row
        + ".claim_id IS NULL AND ("
        + row
        + ".waiter IS NULL OR "
        + row
        + ".waiter_until <= clock_timestamp() OR starts_with("
        + claim
        + ", "
        + row
        + ".waiter || '-')))";
  }

  /** With the condition under which a row that is nobody's may be had. */
  private String take(String free) {
    String grantable =
        "(%1$s.claim_id = %2$s OR (%1$s.enabled AND ("
            + free
            + " OR %1$s.start_time + %1$s.lease_ms * interval '1 ms' <= clock_timestamp())))";
    return "INSERT INTO "
        + table
        + " AS t (name, claim_id, holder, lease_ms, start_time, token)"
        + " SELECT asked.name, asked.claim_id, ?, ?, "
        + now()
        + ", "
        + micros(now())
        + " FROM (SELECT ?::varchar AS name, ?::varchar AS claim_id) asked WHERE NOT EXISTS (SELECT"
        + " 1 FROM "
        + table
        + " h WHERE h.name = asked.name AND "
        + grantable.formatted("h", "asked.claim_id")
        + " IS NOT TRUE)"
        + DURABLE
        + " ON CONFLICT (name) DO UPDATE SET claim_id = excluded.claim_id,"
        + " holder = excluded.holder, lease_ms = excluded.lease_ms, start_time = "
        + now()
        + ", token = CASE WHEN t.claim_id = excluded.claim_id THEN t.token ELSE "
        + greatest("t.token + 1", "excluded.token")
        + " END, waiter = CASE WHEN starts_with(excluded.claim_id, t.waiter || '-') THEN NULL ELSE"
        + " t.waiter END WHERE "
        + grantable.formatted("t", "excluded.claim_id")
        + " RETURNING t.token";
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
      record     varchar(2000),
      waiter     varchar(64),
      waiter_until timestamptz
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
            + (update.durable() ? DURABLE : BOUNDED)
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
    return Jdbc.number(
        connection,
        claim.queue() ? waitingTake : askingTake,
        List.of(
            Texts.holder(claim),
            LockTable.leaseMillis(claim),
            claim.name(),
            claim.id(),
            timeout(lockWait)));
  }

  @Override
  OptionalLong release(Connection connection, Claim claim, RowUpdate update, Duration lockWait)
      throws SQLException {
    return Jdbc.number(connection, release, List.of(claim.name(), claim.id(), timeout(lockWait)));
  }

  // Waiters.

  @Override
  boolean wakes() {
    return true;
  }

  @Override
  String waiter() {
    return "waiter, " + micros("waiter_until");
  }

  @Override
  boolean enlist(Connection connection, String name, String client, Duration time)
      throws SQLException {
    return Jdbc.number(connection, enlist, List.of(client, time.toMillis(), name, client))
        .isPresent();
  }

  @Override
  void call(Connection connection, String client) throws SQLException {
    Jdbc.all(
        connection, "SELECT pg_notify(?, '')", results -> results.getString(1), CHANNEL + client);
  }

  @Override
  Optional<Ear> listen(Connection connection, String client) throws SQLException {
    if (pooled) {
      return Optional.empty();
    }
    return PostgresDriver.listen(connection, CHANNEL + client);
  }

  @Override
  @Nullable Restore adjust(Connection connection) throws SQLException {
    return pooled ? PostgresDriver.prepareNothing(connection) : null;
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
            + DURABLE_UNBOUNDED
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
