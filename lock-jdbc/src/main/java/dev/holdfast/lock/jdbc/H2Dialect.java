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
 * H2 2.2 and later, embedded and as a server.
 *
 * <p><b>Changing a row is one MERGE</b> whose source is SELECT ... FOR UPDATE SKIP LOCKED: it locks
 * the row, evaluates the condition on the newest version, and changes it. H2 can bound the wait for
 * a row only for a whole session, so no row is waited for; whoever insists asks again.
 *
 * <p>{@code CURRENT_TIMESTAMP} stands still within a transaction, which here is one statement.
 * Instants are compared as seconds since 1970: H2's DATEDIFF compares local times, and is an hour
 * off when summer time begins between the two.
 *
 * <p>The driver has no network timeout, and an interrupt of a thread inside an embedded database
 * closes the database's file, so calls run on a worker thread ({@link Hop}).
 */
final class H2Dialect extends Dialect {

  H2Dialect(String table) {
    super(table);
  }

  @Override
  String backend() {
    return "jdbc:h2";
  }

  /** VARCHAR_CASESENSITIVE, as SET IGNORECASE gives VARCHAR another meaning; H2 counts UTF-16. */
  @Override
  String ddl() {
    return """
    CREATE TABLE IF NOT EXISTS %s (
      name       VARCHAR_CASESENSITIVE(1024) PRIMARY KEY,
      enabled    BOOLEAN DEFAULT TRUE NOT NULL,
      claim_id   VARCHAR_CASESENSITIVE(64),
      holder     VARCHAR(255),
      start_time TIMESTAMP(6) WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP(6) NOT NULL,
      lease_ms   BIGINT DEFAULT 0 NOT NULL,
      token      BIGINT DEFAULT 0 NOT NULL,
      record     VARCHAR(2000)
    )\
    """
        .formatted(table);
  }

  /** Called only when the table was missing. */
  @Override
  void createTable(Connection connection) throws SQLException {
    Jdbc.update(connection, ddl());
  }

  @Override
  boolean createsTableUnasked() {
    return true;
  }

  @Override
  boolean looksForTable() {
    return false;
  }

  @Override
  boolean obeysNetworkTimeout() {
    return false;
  }

  @Override
  boolean liftsReadOnly() {
    return false;
  }

  @Override
  String now() {
    return "CURRENT_TIMESTAMP(6)";
  }

  @Override
  OptionalLong update(Connection connection, RowUpdate update, Duration lockWait)
      throws SQLException {
    String source = " FROM " + table + " WHERE name = ? AND " + update.condition();
    List<Object> condition = new ArrayList<>();
    condition.add(update.name());
    condition.addAll(update.conditionArguments());
    List<Object> arguments = new ArrayList<>(condition);
    arguments.addAll(update.setArguments());
    String merge =
        merge(
            "SELECT name AS n" + source + " FOR UPDATE SKIP LOCKED",
            update.set(),
            update.returning());
    OptionalLong changed = Jdbc.number(connection, merge, arguments);
    if (changed.isEmpty() && Jdbc.number(connection, "SELECT 1" + source, condition).isPresent()) {
      throw new SQLException("the row is locked by another session", Trouble.LOCK_NOT_AVAILABLE);
    }
    return changed;
  }

  private String merge(String source, String set, String returning) {
    return "SELECT "
        + returning
        + " FROM FINAL TABLE (MERGE INTO "
        + table
        + " t USING ("
        + source
        + ") s ON t.name = s.n WHEN MATCHED THEN UPDATE SET "
        + set
        + ")";
  }

  /** Of those who insert at once, one succeeds; the others violate the primary key. */
  @Override
  OptionalLong insert(
      Connection connection,
      String columns,
      String values,
      List<Object> arguments,
      Duration lockWait)
      throws SQLException {
    try {
      return Jdbc.number(
          connection,
          "SELECT token FROM FINAL TABLE (INSERT INTO "
              + table
              + " ("
              + columns
              + ") VALUES ("
              + values
              + "))",
          arguments);
    } catch (SQLException e) {
      if (Trouble.isDuplicateKey(e)) {
        return OptionalLong.empty();
      }
      throw e;
    }
  }

  /** A join: of 10,000 names, IN and ANY take H2 seconds to minutes. */
  @Override
  Map<String, Duration> renew(Connection connection, List<? extends Claim> claims)
      throws SQLException {
    Map<String, Duration> leases = new HashMap<>();
    Jdbc.all(
        connection,
        merge(
            theirs("t.name AS n") + " FOR UPDATE SKIP LOCKED",
            "start_time = " + now(),
            "claim_id, lease_ms"),
        results -> leases.put(results.getString(1), Duration.ofMillis(results.getLong(2))),
        Texts.names(claims),
        Texts.ids(claims));
    return leases;
  }

  @Override
  String theirs(String column) {
    return "SELECT "
        + column
        + " FROM UNNEST(?, ?) AS c(name, claim_id) JOIN "
        + table
        + " t ON t.name = c.name AND t.claim_id = c.claim_id";
  }

  /** H2 waits here for a locked row, for as long as its session's LOCK_TIMEOUT. */
  @Override
  int purge(Connection connection, Duration idle, int limit) throws SQLException {
    return Jdbc.update(
        connection,
        "DELETE FROM "
            + table
            + " WHERE enabled AND record IS NULL AND "
            + micros("start_time")
            + " + lease_ms * 1000 < "
            + micros(now())
            + " - ? AND token < "
            + micros(now())
            + " FETCH FIRST "
            + limit
            + " ROWS ONLY",
        idle.toMillis() * 1_000);
  }
}
