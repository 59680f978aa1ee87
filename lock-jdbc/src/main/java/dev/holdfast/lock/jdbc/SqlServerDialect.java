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
 * SQL Server 2016 and later, at READ COMMITTED. <b>Written to its manual and not run by us</b>: see
 * the README's table.
 *
 * <p>Names are found by their hash: every comparison of texts here ignores spaces at the end, and a
 * key has no room for 512 characters. Changing a row is one UPDATE with OUTPUT; its table hint
 * NOWAIT gives up at once when somebody keeps the row locked, without touching the session.
 */
final class SqlServerDialect extends Dialect {

  private static final String NOW = "CAST(SYSUTCDATETIME() AS datetime2(6))";

  private static final String HASH = "HASHBYTES('SHA2_256', CAST(%s AS varbinary(2048)))";

  SqlServerDialect(String table) {
    super(table);
  }

  @Override
  String backend() {
    return "jdbc:sqlserver";
  }

  @Override
  String ddl() {
    return """
    CREATE TABLE %s (
      name       nvarchar(1024) NOT NULL,
      name_hash  AS CAST(HASHBYTES('SHA2_256', CAST(name AS varbinary(2048))) AS binary(32)) PERSISTED NOT NULL PRIMARY KEY,
      enabled    bit NOT NULL DEFAULT 1,
      claim_id   varchar(64) COLLATE Latin1_General_100_BIN2,
      holder     nvarchar(255),
      start_time datetime2(6) NOT NULL DEFAULT SYSUTCDATETIME(),
      lease_ms   bigint NOT NULL DEFAULT 0,
      token      bigint NOT NULL DEFAULT 0,
      record     nvarchar(2000)
    )\
    """
        .formatted(table);
  }

  /** 2714: somebody else was quicker. */
  @Override
  void createTable(Connection connection) throws SQLException {
    Jdbc.update(
        connection,
        "IF OBJECT_ID(N'"
            + table
            + "') IS NULL BEGIN TRY "
            + ddl()
            + " END TRY BEGIN CATCH IF ERROR_NUMBER() <> 2714 THROW; END CATCH");
  }

  @Override
  boolean createsTableUnasked() {
    return false;
  }

  @Override
  boolean looksForTable() {
    return false;
  }

  @Override
  boolean obeysNetworkTimeout() {
    return true;
  }

  @Override
  boolean liftsReadOnly() {
    return false;
  }

  @Override
  String now() {
    return NOW;
  }

  @Override
  String micros(String instant) {
    return "DATEDIFF_BIG(microsecond, CAST('1970-01-01' AS datetime2(6)), " + instant + ")";
  }

  /** There is no GREATEST before 2022. */
  @Override
  String greatest(String one, String other) {
    return "CASE WHEN %1$s > %2$s THEN %1$s ELSE %2$s END".formatted(one, other);
  }

  @Override
  String isTrue(String column) {
    return column + " = 1";
  }

  @Override
  String named() {
    return "name_hash = " + HASH.formatted("?");
  }

  @Override
  String switchOn(String name) {
    return "UPDATE %s SET enabled = 1 WHERE name_hash = %s"
        .formatted(table, HASH.formatted("N" + Texts.quoted(name)));
  }

  @Override
  OptionalLong update(Connection connection, RowUpdate update, Duration lockWait)
      throws SQLException {
    String sql =
        "UPDATE "
            + table
            + " WITH (ROWLOCK, NOWAIT) SET "
            + update.set()
            + " OUTPUT inserted."
            + update.returning()
            + " WHERE "
            + named()
            + " AND "
            + update.condition();
    List<Object> arguments = new ArrayList<>(update.setArguments());
    arguments.add(update.name());
    arguments.addAll(update.conditionArguments());
    return Jdbc.number(connection, sql, arguments);
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
        "INSERT INTO " + table + " (" + columns + ") OUTPUT inserted.token VALUES (" + values + ")";
    try {
      return Jdbc.number(connection, sql, arguments);
    } catch (SQLException e) {
      if (Trouble.isDuplicateKey(e)) {
        return OptionalLong.empty();
      }
      throw e;
    }
  }

  @Override
  Map<String, Duration> renew(Connection connection, List<? extends Claim> claims)
      throws SQLException {
    String sql =
        "UPDATE t SET start_time = "
            + NOW
            + " OUTPUT inserted.claim_id, inserted.lease_ms"
            + fromTheirs(" WITH (ROWLOCK, READPAST)");
    Map<String, Duration> leases = new HashMap<>();
    Jdbc.all(
        connection,
        sql,
        results -> leases.put(results.getString(1), Duration.ofMillis(results.getLong(2))),
        listed(claims));
    return leases;
  }

  @Override
  Object[] listed(List<? extends Claim> claims) {
    return new Object[] {ClaimList.json(claims)};
  }

  /** NOLOCK, as it must wait for nothing: what it may read too early, the next round corrects. */
  @Override
  String theirs(String column) {
    return "SELECT " + column + fromTheirs(" WITH (NOLOCK)");
  }

  private String fromTheirs(String hints) {
    return " FROM OPENJSON(?) WITH (name nvarchar(1024) '$[0]', claim_id varchar(64) '$[1]') c JOIN"
        + " "
        + table
        + " t"
        + hints
        + " ON t.name_hash = "
        + HASH.formatted("c.name")
        + " AND t.claim_id = c.claim_id COLLATE Latin1_General_100_BIN2";
  }

  @Override
  int purge(Connection connection, Duration idle, int limit) throws SQLException {
    return Jdbc.update(
        connection,
        "DELETE TOP ("
            + limit
            + ") FROM "
            + table
            + " WITH (ROWLOCK, READPAST) WHERE enabled = 1 AND record IS NULL AND "
            + micros("start_time")
            + " + lease_ms * 1000 < "
            + micros(NOW)
            + " - ? AND token < "
            + micros(NOW),
        idle.toMillis() * 1_000);
  }
}
