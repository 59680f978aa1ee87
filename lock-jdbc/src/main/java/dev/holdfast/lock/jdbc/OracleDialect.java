package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.Claim;
import java.io.StringReader;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Oracle 19c and later, with AL32UTF8 as its character set. <b>Written to its manual and not run by
 * us</b>: see the README's table.
 *
 * <p>Changing a row is one anonymous block, one trip: SELECT ... FOR UPDATE with WAIT or NOWAIT
 * locks the row and evaluates the condition on its newest version (Oracle starts the statement anew
 * if the row changed while it waited), and the UPDATE that follows tells the new token.
 *
 * <p>{@code SYSTIMESTAMP} in UTC; the numbers are taken from the interval since 1970 piece by
 * piece, as there is no other way to exact microseconds.
 */
final class OracleDialect extends Dialect {

  private static final String NOW = "SYS_EXTRACT_UTC(SYSTIMESTAMP)";

  private static final String LIST =
      "JSON_TABLE(?, '$[*]' COLUMNS (n VARCHAR2(2048) PATH '$[0]', c VARCHAR2(64) PATH '$[1]')) j";

  OracleDialect(String table) {
    super(table);
  }

  @Override
  String backend() {
    return "jdbc:oracle";
  }

  @Override
  String ddl() {
    return """
    CREATE TABLE %s (
      name       VARCHAR2(512 CHAR) PRIMARY KEY,
      enabled    NUMBER(1) DEFAULT 1 NOT NULL,
      claim_id   VARCHAR2(64),
      holder     VARCHAR2(255 CHAR),
      start_time TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
      lease_ms   NUMBER(19) DEFAULT 0 NOT NULL,
      token      NUMBER(19) DEFAULT 0 NOT NULL,
      record     VARCHAR2(2000 CHAR)
    )\
    """
        .formatted(table);
  }

  /** ORA-00955: somebody else was quicker. */
  @Override
  void createTable(Connection connection) throws SQLException {
    Jdbc.update(
        connection,
        "BEGIN EXECUTE IMMEDIATE "
            + Texts.quoted(ddl())
            + "; EXCEPTION WHEN OTHERS THEN IF SQLCODE <> -955 THEN RAISE; END IF; END;");
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
    String since = "(" + instant + " - TIMESTAMP '1970-01-01 00:00:00')";
    return "(EXTRACT(DAY FROM %1$s) * 86400000000 + EXTRACT(HOUR FROM %1$s) * 3600000000 + EXTRACT(MINUTE FROM %1$s) * 60000000 + EXTRACT(SECOND FROM %1$s) * 1000000)"
        .formatted(since);
  }

  @Override
  String isTrue(String column) {
    return column + " = 1";
  }

  @Override
  String switchOn(String name) {
    return "UPDATE %s SET enabled = 1 WHERE name = %s".formatted(table, Texts.quoted(name));
  }

  @Override
  OptionalLong update(Connection connection, RowUpdate update, Duration lockWait)
      throws SQLException {
    long seconds = lockWait.toSeconds();
    String block =
        "DECLARE found ROWID; BEGIN SELECT ROWID INTO found FROM "
            + table
            + " WHERE name = ? AND "
            + update.condition()
            + " FOR UPDATE "
            + (seconds == 0 ? "NOWAIT" : "WAIT " + seconds)
            + "; UPDATE "
            + table
            + " SET "
            + update.set()
            + " WHERE ROWID = found RETURNING "
            + update.returning()
            + " INTO ?; EXCEPTION WHEN NO_DATA_FOUND THEN NULL; END;";
    List<Object> arguments = new ArrayList<>(List.of(update.name()));
    arguments.addAll(update.conditionArguments());
    arguments.addAll(update.setArguments());
    return told(connection, block, arguments);
  }

  @Override
  OptionalLong insert(
      Connection connection,
      String columns,
      String values,
      List<Object> arguments,
      Duration lockWait)
      throws SQLException {
    String block =
        "BEGIN INSERT INTO "
            + table
            + " ("
            + columns
            + ") VALUES ("
            + values
            + ") RETURNING token INTO ?; EXCEPTION WHEN DUP_VAL_ON_INDEX THEN NULL; END;";
    return told(connection, block, arguments);
  }

  /** Runs a block whose last parameter is the number that it tells. */
  private static OptionalLong told(Connection connection, String block, List<Object> arguments)
      throws SQLException {
    try (CallableStatement call = connection.prepareCall(block)) {
      Jdbc.bind(call, arguments.toArray());
      int out = arguments.size() + 1;
      call.registerOutParameter(out, Types.BIGINT);
      call.execute();
      long number = call.getLong(out);
      return call.wasNull() ? OptionalLong.empty() : OptionalLong.of(number);
    }
  }

  /** One block; what it renewed comes back as lines. */
  @Override
  Map<String, Duration> renew(Connection connection, List<? extends Claim> claims)
      throws SQLException {
    String block =
        "DECLARE told CLOB := ' '; CURSOR theirs IS SELECT t.claim_id, t.lease_ms FROM "
            + table
            + " t WHERE (t.name, t.claim_id) IN (SELECT j.n, j.c FROM "
            + LIST
            + ") FOR UPDATE OF t.start_time SKIP LOCKED; BEGIN FOR r IN theirs LOOP UPDATE "
            + table
            + " SET start_time = "
            + NOW
            + " WHERE CURRENT OF theirs; told := told || r.claim_id || ' ' || r.lease_ms ||"
            + " CHR(10); END LOOP; ? := told; END;";
    try (CallableStatement call = connection.prepareCall(block)) {
      call.setClob(1, new StringReader(ClaimList.json(claims)));
      call.registerOutParameter(2, Types.CLOB);
      call.execute();
      Map<String, Duration> leases = new HashMap<>();
      call.getString(2)
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .map(line -> line.split(" ", 2))
          .forEach(pair -> leases.put(pair[0], Duration.ofMillis(Long.parseLong(pair[1]))));
      return leases;
    }
  }

  @Override
  Object[] listed(List<? extends Claim> claims) {
    return new Object[] {new StringReader(ClaimList.json(claims))};
  }

  @Override
  String theirs(String column) {
    return "SELECT "
        + column
        + " FROM "
        + table
        + " t WHERE (t.name, t.claim_id) IN (SELECT j.n, j.c FROM "
        + LIST
        + ")";
  }

  /** Row by row in a block, as ROWNUM and FOR UPDATE do not go together. */
  @Override
  int purge(Connection connection, Duration idle, int limit) throws SQLException {
    String block =
        "DECLARE deleted NUMBER := 0; CURSOR idle IS SELECT name FROM "
            + table
            + " WHERE enabled = 1 AND record IS NULL AND "
            + micros("start_time")
            + " + lease_ms * 1000 < "
            + micros(NOW)
            + " - ? AND token < "
            + micros(NOW)
            + " FOR UPDATE SKIP LOCKED; BEGIN FOR r IN idle LOOP EXIT WHEN deleted = "
            + limit
            + "; DELETE FROM "
            + table
            + " WHERE CURRENT OF idle; deleted := deleted + 1; END LOOP; ? := deleted; END;";
    return (int) told(connection, block, List.of(idle.toMillis() * 1_000)).orElse(0);
  }
}
