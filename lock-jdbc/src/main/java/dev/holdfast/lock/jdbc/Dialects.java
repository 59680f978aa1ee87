package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.BackendFailure;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Which dialect a database speaks, and which databases get none. */
final class Dialects {

  /** By what a URL, or the class of a data source or driver, begins with. */
  private static final Map<String, String> HINTS =
      Map.ofEntries(
          Map.entry("jdbc:postgresql:", "jdbc:postgresql"),
          Map.entry("org.postgresql.", "jdbc:postgresql"),
          Map.entry("jdbc:h2:", "jdbc:h2"),
          Map.entry("org.h2.", "jdbc:h2"),
          Map.entry("jdbc:mariadb:", "jdbc:mariadb"),
          Map.entry("org.mariadb.", "jdbc:mariadb"),
          Map.entry("jdbc:mysql:", "jdbc:mysql"),
          Map.entry("com.mysql.", "jdbc:mysql"),
          Map.entry("jdbc:oracle:", "jdbc:oracle"),
          Map.entry("oracle.", "jdbc:oracle"),
          Map.entry("jdbc:sqlserver:", "jdbc:sqlserver"),
          Map.entry("com.microsoft.sqlserver.", "jdbc:sqlserver"));

  /** Those that have a confirmed commit on the disk, unless somebody has told them otherwise. */
  private static final Set<String> DURABLE =
      Set.of("jdbc:postgresql", "jdbc:mariadb", "jdbc:mysql", "jdbc:oracle", "jdbc:sqlserver");

  /** Why not. Each was tried, see EmbeddedDatabasesTest. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "SQLite",
          "it locks the whole file, so one foreign transaction keeps every lock from being renewed"
              + " and all of them would be lost together",
          "HSQL Database Engine",
          "it waits for a locked row or table without any limit, and nothing can bound or skip"
              + " that wait",
          "Apache Derby",
          "its clock is local time without a zone, so leases would be an hour off when summer time"
              + " begins or ends");

  private Dialects() {}

  /**
   * The drivers answer this from what they were told at login: no trip.
   *
   * @param ours whether all sessions have our settings, see {@link ConnectionSource#opensSessions}
   */
  static Dialect of(Connection connection, boolean ours, String table) throws SQLException {
    DatabaseMetaData about = connection.getMetaData();
    String product = about.getDatabaseProductName();
    return switch (product) {
      case "PostgreSQL" -> PostgresDialect.over(connection, table);
      case "H2" -> new H2Dialect(table);
      case "MariaDB", "MySQL" ->
          MySqlFamily.of(connection, ours, about.getDatabaseProductVersion(), table);
      case "Oracle" -> new OracleDialect(table);
      case "Microsoft SQL Server" -> new SqlServerDialect(table);
      default -> throw refused(product);
    };
  }

  private static BackendFailure refused(String product) {
    String why = REFUSED.get(product);
    String known = "PostgreSQL, MariaDB, MySQL, Oracle, SQL Server and, embedded, H2";
    return BackendFailure.misconfigured(
        why == null
            ? "no locks in a database called '%s': this version knows %s".formatted(product, known)
            : "no locks in %s: %s; use one of %s".formatted(product, why, known),
        null);
  }

  /** What to call the store before the first connection: by the URL, or the data source's class. */
  static String backend(String hint) {
    String text = hint.toLowerCase(Locale.ROOT);
    return HINTS.entrySet().stream()
        .filter(hinted -> text.startsWith(hinted.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("jdbc");
  }

  /** H2 writes commits to its file half a second late: a crash may undo a grant. */
  static boolean isDurable(String backend) {
    return DURABLE.contains(backend);
  }
}
