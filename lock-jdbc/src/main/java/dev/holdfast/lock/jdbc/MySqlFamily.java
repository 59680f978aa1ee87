package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.BackendFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells MariaDB from MySQL, whichever driver was taken, and looks at what they must be. */
final class MySqlFamily {

  private static final Logger LOG = LoggerFactory.getLogger(MySqlFamily.class);

  /** MariaDB puts {@code 5.5.5-} before its own version, for the replicas of old. */
  private static final Pattern VERSION =
      Pattern.compile("(?:5\\.5\\.5-)?(\\d+)\\.(\\d+)\\.(\\d+).*");

  private static final Pattern MARIADB = Pattern.compile("(?i).*mariadb.*");

  private MySqlFamily() {}

  /**
   * The dialect for a version.
   *
   * @throws BackendFailure if it is too old
   */
  static Dialect of(Connection connection, boolean ours, String version, String table)
      throws SQLException {
    boolean mariadb = MARIADB.matcher(version).matches();
    // SKIP LOCKED and JSON_TABLE; those and a collation that takes a space for a character
    checkVersion(version, mariadb ? "MariaDB 10.6.0" : "MySQL 8.0.19");
    Settings settings = settings(connection);
    checkDurability(settings.flush());
    boolean bounded = ours && settings.lockWait() <= UrlDataSource.ROW_WAIT.toSeconds();
    return mariadb ? new MariaDbDialect(table, bounded) : new MySqlDialect(table);
  }

  /** How commits reach the disk, and for how many seconds the session waits for a row. */
  private record Settings(String flush, long lockWait) {}

  private static Settings settings(Connection connection) throws SQLException {
    return Jdbc.first(
            connection,
            "SELECT @@innodb_flush_log_at_trx_commit, @@innodb_lock_wait_timeout",
            results -> new Settings(results.getString(1), results.getLong(2)))
        .orElseThrow();
  }

  private static void checkVersion(String version, String oldest) {
    Matcher have = VERSION.matcher(version);
    Matcher need = VERSION.matcher(oldest.replaceAll("\\S+ ", ""));
    if (!have.matches() || !need.matches()) {
      return; // a fork with numbers of its own: its statements will tell
    }
    for (int part = 1; part <= 3; part++) {
      int difference = Integer.compare(number(have, part), number(need, part));
      if (difference < 0) {
        throw BackendFailure.misconfigured(
            "the database is %s; locks need %s or later (SKIP LOCKED, JSON_TABLE)"
                .formatted(version, oldest),
            null);
      } else if (difference > 0) {
        return;
      }
    }
  }

  private static int number(Matcher version, int part) {
    return Integer.parseInt(version.group(part));
  }

  /** Cannot be overridden for a session, and somebody may know what they do. */
  private static void checkDurability(String flush) {
    if (!flush.equals("1")) {
      LOG.warn(
          "innodb_flush_log_at_trx_commit is {}: after a crash the database may have forgotten who"
              + " holds a lock, and grant it a second time. Set it to 1, or check fencing tokens",
          flush);
    }
  }
}
