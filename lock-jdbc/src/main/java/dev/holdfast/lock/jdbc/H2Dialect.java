package dev.holdfast.lock.jdbc;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * H2 2.2 and later, embedded and as a server.
 *
 * <p>{@code CURRENT_TIMESTAMP} stands still within a transaction; a session begins each call by
 * ending what was open. Instants are compared as seconds since 1970: H2's DATEDIFF compares local
 * times and is an hour off when summer time begins between the two.
 *
 * <p>The driver has no network timeout, and an interrupt of a thread inside an embedded database
 * closes the database's file, so calls run on a worker thread ({@link Hop}).
 */
final class H2Dialect extends RowLockDialect {

  H2Dialect(String table) {
    super(table);
  }

  @Override
  String backend() {
    return "jdbc:h2";
  }

  @Override
  String now() {
    return "CURRENT_TIMESTAMP(6)";
  }

  @Override
  String waitAtMost(Duration lockWait) {
    return "WAIT " + BigDecimal.valueOf(lockWait.toMillis(), 3).toPlainString();
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
  boolean looksForTable() {
    return false;
  }

  @Override
  boolean createsTableUnasked() {
    return true;
  }

  @Override
  boolean obeysNetworkTimeout() {
    return false;
  }
}
