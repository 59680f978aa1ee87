package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.Claim;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * MariaDB 10.6 and later, with InnoDB, by MariaDB's driver or MySQL's.
 *
 * <p><b>A claim is one conditional UPDATE</b>, which takes the same row lock as SELECT ... FOR
 * UPDATE and evaluates the condition on the newest version. The clock is that of the statement's
 * begin: behind a blocker the lease starts that much earlier, yet after S, and what looks stale was
 * so before. Where others are in the way it waits, as their statement takes a moment only, and they
 * are served in order.
 *
 * <p><b>SET STATEMENT ... FOR</b> bounds the waits of this one statement, for the row and for the
 * table (somebody's ALTER), and leaves the session as it was: the defaults are 50 s and a day.
 * Sessions that we open ourselves have such bounds from the beginning. The bound of a row is in
 * whole seconds; below one, the statement's whole time is bounded.
 *
 * <p><b>A renewal is one INSERT ... SELECT ... ON DUPLICATE KEY UPDATE ... RETURNING</b> that
 * inserts nothing, as it selects existing rows and keeps them locked. It is the one form of an
 * update that tells the rows that it changed.
 */
final class MariaDbDialect extends MySqlDialect {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final boolean sessionsAreBounded;

  /**
   * Made once per client.
   *
   * @param sessionsAreBounded whether each session has our bounds already, so that no statement has
   *     to bring them along: 5 % of a pair
   */
  MariaDbDialect(String table, boolean sessionsAreBounded) {
    super(table);
    this.sessionsAreBounded = sessionsAreBounded;
  }

  @Override
  String backend() {
    return "jdbc:mariadb";
  }

  @Override
  String collation() {
    return "utf8mb4_nopad_bin";
  }

  @Override
  void createTable(Connection connection) throws SQLException {
    Jdbc.update(connection, bounded(Duration.ofSeconds(5)) + ddl());
  }

  @Override
  String bounded(Duration lockWait) {
    if (lockWait.compareTo(SECOND) < 0) {
      return "SET STATEMENT max_statement_time = " + tenths(lockWait) + " FOR ";
    }
    return sessionsAreBounded
        ? ""
        : "SET STATEMENT innodb_lock_wait_timeout = %1$d, lock_wait_timeout = %1$d FOR "
            .formatted(lockWait.toSeconds());
  }

  /** Not more exactly: each text is a statement of its own to prepare. */
  private static String tenths(Duration time) {
    long tenths = time.toMillis() / 100;
    return tenths == 0 ? "0.05" : "0." + tenths;
  }

  @Override
  OptionalLong update(Connection connection, RowUpdate update, Duration lockWait)
      throws SQLException {
    String sql = bounded(lockWait) + set(update) + " WHERE name = ? AND " + update.condition();
    return changed(connection, sql, arguments(update));
  }

  /** Changes nothing of a row that is there. */
  @Override
  String insertOrRead(String columns, String values, String row, Duration lockWait) {
    return bounded(lockWait)
        + "INSERT INTO "
        + table
        + " ("
        + columns
        + ") VALUES ("
        + values
        + ") ON DUPLICATE KEY UPDATE name = name RETURNING "
        + row;
  }

  @Override
  Map<String, Duration> renew(Connection connection, List<? extends Claim> claims)
      throws SQLException {
    String sql =
        bounded(Duration.ofSeconds(1))
            + "INSERT INTO "
            + table
            + " (name) "
            + theirs("t.name")
            + " FOR UPDATE SKIP LOCKED ON DUPLICATE KEY UPDATE start_time = "
            + now()
            + " RETURNING claim_id, lease_ms";
    Map<String, Duration> leases = new HashMap<>();
    for (List<? extends Claim> portion : ClaimList.portions(claims)) {
      leases.putAll(leases(connection, sql, ClaimList.json(portion)));
    }
    return leases;
  }
}
