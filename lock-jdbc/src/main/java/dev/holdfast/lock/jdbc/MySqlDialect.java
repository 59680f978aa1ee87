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
 * MySQL 8.0.19 and later, with InnoDB. Written to its manual; see the README's table for whether
 * the contract has run on it.
 *
 * <p><b>Changing a row is one UPDATE</b> of the row whose name a sub-select finds with FOR UPDATE
 * SKIP LOCKED: it locks the row, evaluates the condition on the newest version, and waits for
 * nobody. A wait could be bounded only for the whole session, which may be the application's.
 *
 * <p>{@code LAST_INSERT_ID(value)} puts the value into the very answer to the UPDATE, where the
 * driver shows it as a generated key: no second statement, no RETURNING.
 *
 * <p>{@code UTC_TIMESTAMP(6)} is the time at which the statement began, and knows no zone and no
 * summer time. It is kept in DATETIME, as TIMESTAMP is converted by the session's zone at each end,
 * and ends in 2038.
 */
class MySqlDialect extends Dialect {

  /** The start of what LAST_INSERT_ID tells. */
  private static final String TOLD = "LAST_INSERT_ID(";

  private static final String NOW = "UTC_TIMESTAMP(6)";

  MySqlDialect(String table) {
    super(table);
  }

  @Override
  String backend() {
    return "jdbc:mysql";
  }

  /** One that compares by bytes and does not pad: in {@code utf8mb4_bin}, 'a' = 'a '. */
  String collation() {
    return "utf8mb4_0900_bin";
  }

  @Override
  final String ddl() {
    return """
    CREATE TABLE IF NOT EXISTS %s (
      name       varchar(512) PRIMARY KEY,
      enabled    boolean NOT NULL DEFAULT true,
      claim_id   varchar(64),
      holder     varchar(255),
      start_time datetime(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
      lease_ms   bigint NOT NULL DEFAULT 0,
      token      bigint NOT NULL DEFAULT 0,
      record     varchar(2000)
    ) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE %s\
    """
        .formatted(table, collation());
  }

  /** Called only when the table was missing. */
  @Override
  void createTable(Connection connection) throws SQLException {
    Jdbc.update(connection, ddl());
  }

  @Override
  final boolean createsTableUnasked() {
    return false;
  }

  /** A missing table leaves no trace in the server's log. */
  @Override
  final boolean looksForTable() {
    return false;
  }

  /** Both drivers have it as the socket's timeout. */
  @Override
  final boolean obeysNetworkTimeout() {
    return true;
  }

  /** Both drivers know without a trip whether there is anything to lift. */
  @Override
  final boolean liftsReadOnly() {
    return true;
  }

  @Override
  final String now() {
    return NOW;
  }

  @Override
  final String micros(String instant) {
    return "TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', " + instant + ")";
  }

  @Override
  final String stale() {
    return "start_time + INTERVAL lease_ms * 1000 MICROSECOND <= " + NOW;
  }

  @Override
  final String told(String expression) {
    return TOLD + expression + ")";
  }

  /** A backslash is an escape here. */
  @Override
  final String switchOn(String name) {
    return super.switchOn(name.replace("\\", "\\\\"));
  }

  @Override
  OptionalLong update(Connection connection, RowUpdate update, Duration lockWait)
      throws SQLException {
    String row = " FROM " + table + " WHERE name = ? AND " + update.condition();
    String sql =
        set(update)
            + " WHERE name = (SELECT n FROM (SELECT name AS n"
            + row
            + " FOR UPDATE SKIP LOCKED) AS locked_row)";
    OptionalLong changed = changed(connection, sql, arguments(update));
    List<Object> condition = new ArrayList<>(List.of(update.name()));
    condition.addAll(update.conditionArguments());
    if (changed.isEmpty() && Jdbc.number(connection, "SELECT 1" + row, condition).isPresent()) {
      throw new SQLException("the row is locked by another session", Trouble.LOCK_NOT_AVAILABLE);
    }
    return changed;
  }

  /**
   * The UPDATE without its condition, which tells the column that was asked for. That also shows
   * the row where the driver counts only rows that have changed; a release, the one that need not
   * be durable, changes its row always.
   */
  final String set(RowUpdate update) {
    String told =
        update.set().contains(TOLD) || !update.durable()
            ? ""
            : ", " + update.returning() + " = " + told(update.returning());
    return "UPDATE " + table + " SET " + update.set() + told;
  }

  static List<Object> arguments(RowUpdate update) {
    List<Object> arguments = new ArrayList<>(update.setArguments());
    arguments.add(update.name());
    arguments.addAll(update.conditionArguments());
    return arguments;
  }

  /** The number told by a statement that changed a row; zero where none was told. */
  static OptionalLong changed(Connection connection, String sql, List<Object> arguments)
      throws SQLException {
    if (sql.contains(TOLD)) {
      return Jdbc.changed(connection, sql, arguments.toArray());
    }
    boolean none = Jdbc.update(connection, sql, arguments.toArray()) == 0;
    return none ? OptionalLong.empty() : OptionalLong.of(0);
  }

  /** Of those who insert at once, one succeeds; the others wait for it, and find the key taken. */
  @Override
  OptionalLong insert(
      Connection connection,
      String columns,
      String values,
      List<Object> arguments,
      Duration lockWait)
      throws SQLException {
    String sql = "INSERT INTO " + table + " (" + columns + ") VALUES (" + values + ")";
    try {
      return changed(connection, bounded(lockWait) + sql, arguments);
    } catch (SQLException e) {
      if (Trouble.isDuplicateKey(e)) {
        return OptionalLong.empty();
      }
      throw e;
    }
  }

  /** What precedes a statement to bound its waits, where there is such a thing. */
  String bounded(Duration lockWait) {
    return "";
  }

  /** Two statements: the rows that this one has renewed are those with its time in them. */
  @Override
  Map<String, Duration> renew(Connection connection, List<? extends Claim> claims)
      throws SQLException {
    Map<String, Duration> leases = new HashMap<>();
    for (List<? extends Claim> portion : ClaimList.portions(claims)) {
      String list = ClaimList.json(portion);
      OptionalLong time =
          Jdbc.changed(
              connection,
              "UPDATE ("
                  + theirs("t.name AS n")
                  + " FOR UPDATE SKIP LOCKED) AS locked_rows"
                  + thenTheRow()
                  + " SET r.start_time = "
                  + NOW
                  + ", r.token = IF("
                  + told(micros(NOW))
                  + " > 0, r.token, r.token)",
              list);
      if (time.isPresent()) {
        leases.putAll(
            leases(
                connection,
                theirs("t.claim_id, t.lease_ms") + " WHERE " + micros("t.start_time") + " = ?",
                list,
                time.getAsLong()));
      }
    }
    return leases;
  }

  /** In this order: the other way round it would wait for the rows that were skipped. */
  private String thenTheRow() {
    return " STRAIGHT_JOIN " + table + " AS r FORCE INDEX (PRIMARY) ON r.name = n";
  }

  static Map<String, Duration> leases(Connection connection, String sql, Object... arguments)
      throws SQLException {
    Map<String, Duration> leases = new HashMap<>();
    Jdbc.all(
        connection,
        sql,
        results -> leases.put(results.getString(1), Duration.ofMillis(results.getLong(2))),
        arguments);
    return leases;
  }

  @Override
  final Object[] listed(List<? extends Claim> claims) {
    return new Object[] {ClaimList.json(claims)};
  }

  /** Row by row of the list: read the other way, the statement would lock what is not in it. */
  @Override
  final String theirs(String column) {
    return "SELECT "
        + column
        + " FROM "
        + list("name varchar(512) %1$s PATH '$[0]', claim_id varchar(64) %1$s PATH '$[1]'")
        + " STRAIGHT_JOIN "
        + table
        + " AS t FORCE INDEX (PRIMARY) ON t.name = c.name AND t.claim_id = c.claim_id";
  }

  private String list(String columns) {
    String type = "CHARACTER SET utf8mb4 COLLATE " + collation();
    return "JSON_TABLE(?, '$[*]' COLUMNS (" + columns.formatted(type) + ")) AS c";
  }

  /**
   * Looks without locking, and deletes what is still idle and not locked: a scan would lock all.
   */
  @Override
  final int purge(Connection connection, Duration idle, int limit) throws SQLException {
    String isIdle =
        "t.enabled AND t.record IS NULL AND t.start_time + INTERVAL t.lease_ms * 1000 MICROSECOND <"
            + " "
            + NOW
            + " - INTERVAL ? MICROSECOND AND t.token < "
            + micros(NOW);
    long micros = idle.toMillis() * 1_000;
    List<String> names =
        Jdbc.all(
            connection,
            "SELECT t.name FROM " + table + " AS t WHERE " + isIdle + " LIMIT " + limit,
            results -> results.getString(1),
            micros);
    return names.isEmpty()
        ? 0
        : Jdbc.update(
            connection,
            "DELETE r FROM (SELECT t.name AS n FROM "
                + list("name varchar(512) %s PATH '$'")
                + " STRAIGHT_JOIN "
                + table
                + " AS t FORCE INDEX (PRIMARY) ON t.name = c.name WHERE "
                + isIdle
                + " FOR UPDATE SKIP LOCKED) AS locked_rows"
                + thenTheRow(),
            ClaimList.jsonOf(names),
            micros);
  }
}
