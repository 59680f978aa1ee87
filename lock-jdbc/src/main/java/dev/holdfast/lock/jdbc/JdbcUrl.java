package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.spi.LockUris;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A URL as the driver may see it, and what its {@code holdfast.} parameters said.
 *
 * @param url without our parameters
 * @param options those given, changed by those of the URL
 */
record JdbcUrl(String url, JdbcLockOptions options) {

  /** Drivers separate parameters by '?' and '&' (PostgreSQL, MySQL) or by ';' (H2, SQL Server). */
  private static final Pattern OURS = Pattern.compile("([?&;])holdfast\\.([^=&;]*)=?([^&;]*)");

  static JdbcUrl parse(String given, JdbcLockOptions defaults) {
    var options = defaults.change();
    var url = new StringBuilder();
    Matcher matcher = OURS.matcher(given);
    int end = 0;
    while (matcher.find()) {
      append(url, given.substring(end, matcher.start()));
      set(options, matcher.group(2), matcher.group(3), given);
      end = matcher.end();
    }
    append(url, given.substring(end));
    try {
      return new JdbcUrl(url.toString(), options.build());
    } catch (IllegalArgumentException e) {
      throw refused(given, String.valueOf(e.getMessage()), e);
    }
  }

  /** What follows a parameter of ours that came first has to start with '?' in its place. */
  private static void append(StringBuilder url, String part) {
    boolean first = part.startsWith("&") && url.indexOf("?") < 0;
    url.append(first ? "?" + part.substring(1) : part);
  }

  private static void set(JdbcLockOptions.Builder options, String key, String value, String given) {
    try {
      switch (key) {
        case "table" -> options.table(value);
        case "createSchema" -> options.createSchema(bool(value));
        case "poolSize" -> options.poolSize(Integer.parseInt(value));
        case "reserveConnection" -> options.reserveConnection(bool(value));
        case "listen" -> options.listen(bool(value));
        case "purgeIdleAfter" -> options.purgeIdleAfter(Duration.parse(value));
        default -> throw new IllegalArgumentException("there is no such parameter");
      }
    } catch (IllegalArgumentException | DateTimeParseException e) {
      throw refused(
          given,
          "holdfast.%s=%s: %s (known: table=<identifier>, createSchema=true|false, poolSize=<number>,"
                  .formatted(key, value, e.getMessage())
              + " reserveConnection=true|false, listen=true|false, purgeIdleAfter=<ISO-8601, such"
              + " as P1D>)",
          e);
    }
  }

  private static boolean bool(String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("neither true nor false");
    };
  }

  private static LockConfigurationException refused(String given, String why, Throwable cause) {
    return new LockConfigurationException(
        "cannot use %s: %s".formatted(LockUris.redact(given), why), cause, null, "jdbc");
  }
}
