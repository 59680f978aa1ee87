package dev.holdfast.lock.jdbc;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What MySQL, MariaDB, Oracle and SQL Server mean by their own numbers, where the SQL state says
 * less or something else. Their numbers overlap, but not together with the state.
 */
final class VendorCodes {

  /** MySQL and MariaDB: from their lists of server errors. */
  private static final Map<Integer, Trouble> MYSQL =
      Map.ofEntries(
          Map.entry(1020, Trouble.CONTENTION), // the record has changed since it was read
          Map.entry(1205, Trouble.CONTENTION), // lock wait timeout
          Map.entry(1213, Trouble.CONTENTION), // deadlock
          Map.entry(1969, Trouble.CONTENTION), // max_statement_time, our bound for a row's lock
          Map.entry(3058, Trouble.CONTENTION), // deadlock of user-level locks
          Map.entry(3572, Trouble.CONTENTION), // NOWAIT
          Map.entry(1290, Trouble.READ_ONLY), // runs with --read-only
          Map.entry(1792, Trouble.READ_ONLY), // a READ ONLY transaction
          Map.entry(1836, Trouble.READ_ONLY), // read-only mode
          Map.entry(1044, Trouble.LOGIN), // no access to the database
          Map.entry(1045, Trouble.LOGIN), // wrong password
          Map.entry(1049, Trouble.LOGIN), // no such database
          Map.entry(1698, Trouble.LOGIN), // wrong password, from a plugin
          Map.entry(1142, Trouble.DENIED), // command denied on a table
          Map.entry(1143, Trouble.DENIED), // command denied on a column
          Map.entry(1046, Trouble.LOGIN), // no database selected
          Map.entry(1053, Trouble.AWAY), // shutdown in progress
          Map.entry(1927, Trouble.AWAY), // connection was killed
          Map.entry(4031, Trouble.AWAY), // disconnected for inactivity
          Map.entry(1203, Trouble.TRANSIENT), // too many connections of the user
          Map.entry(1226, Trouble.TRANSIENT), // a quota of the user
          Map.entry(1317, Trouble.TRANSIENT)); // KILL QUERY

  /** Oracle: from its list of ORA errors. */
  private static final Map<Integer, Trouble> ORACLE =
      Map.ofEntries(
          Map.entry(54, Trouble.CONTENTION), // NOWAIT
          Map.entry(60, Trouble.CONTENTION), // deadlock
          Map.entry(8177, Trouble.CONTENTION), // serialization
          Map.entry(30006, Trouble.CONTENTION), // WAIT n has ended
          Map.entry(904, Trouble.NO_TABLE), // no such column
          Map.entry(942, Trouble.NO_TABLE), // no such table
          Map.entry(1017, Trouble.LOGIN), // wrong password
          Map.entry(1031, Trouble.DENIED), // lacks a privilege
          Map.entry(1456, Trouble.READ_ONLY), // a READ ONLY transaction
          Map.entry(16000, Trouble.READ_ONLY), // opened for read-only access
          Map.entry(28, Trouble.AWAY), // session killed
          Map.entry(1012, Trouble.AWAY), // not logged on
          Map.entry(1033, Trouble.AWAY), // starting or shutting down
          Map.entry(1034, Trouble.AWAY), // not available
          Map.entry(1089, Trouble.AWAY), // shutting down
          Map.entry(2396, Trouble.AWAY), // idle for too long
          Map.entry(3113, Trouble.AWAY), // end of file
          Map.entry(3114, Trouble.AWAY)); // not connected

  /** SQL Server: from sys.messages. */
  private static final Map<Integer, Trouble> SQL_SERVER =
      Map.ofEntries(
          Map.entry(1205, Trouble.CONTENTION), // deadlock
          Map.entry(1222, Trouble.CONTENTION), // NOWAIT, LOCK_TIMEOUT
          Map.entry(3960, Trouble.CONTENTION), // snapshot conflict
          Map.entry(207, Trouble.NO_TABLE), // no such column
          Map.entry(208, Trouble.NO_TABLE), // no such table
          Map.entry(229, Trouble.DENIED), // lacks a permission
          Map.entry(230, Trouble.DENIED), // lacks a permission on a column
          Map.entry(3906, Trouble.READ_ONLY), // the database is read-only
          Map.entry(3908, Trouble.READ_ONLY), // the database is in emergency or read-only mode
          Map.entry(4060, Trouble.LOGIN), // no such database
          Map.entry(18456, Trouble.LOGIN)); // wrong password

  private VendorCodes() {}

  /** Null if it says nothing that the state does not say. */
  static @Nullable Trouble of(@Nullable String state, int code) {
    if (state == null) {
      return null;
    }
    return switch (state) {
      case "HY000", "42000", "28000", "70100", "08004", "40000" -> mysqlOrOracle(state, code);
      case "72000", "61000", "63000", "64000", "66000", "60000", "99999" -> ORACLE.get(code);
      default -> state.startsWith("S0") || state.equals("S1000") ? SQL_SERVER.get(code) : null;
    };
  }

  /** Oracle's errors of syntax and access have 42000, too, with numbers that MySQL does not use. */
  private static @Nullable Trouble mysqlOrOracle(String state, int code) {
    Trouble trouble = MYSQL.get(code);
    boolean oracle = state.equals("42000") && (trouble == null || code == 1031);
    return oracle ? ORACLE.get(code) : trouble;
  }

  /** Whether a row of this key is there already. */
  static boolean isDuplicateKey(@Nullable String state, int code) {
    boolean integrity = state != null && state.startsWith("23");
    return integrity && (code == 1062 || code == 1 || code == 2627 || code == 2601);
  }
}
