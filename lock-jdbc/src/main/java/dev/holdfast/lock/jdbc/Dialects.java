package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.BackendFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;

/** Which dialect a database speaks. */
final class Dialects {

  private Dialects() {}

  /** Both drivers answer this from what they were told at login: no trip. */
  static Dialect of(Connection connection, String table) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName();
    return switch (product) {
      case "PostgreSQL" -> new PostgresDialect(table);
      case "H2" -> new H2Dialect(table);
      default ->
          throw BackendFailure.misconfigured(
              "no locks in a database called '%s' yet: this version knows PostgreSQL and H2"
                  .formatted(product),
              null);
    };
  }

  /** What to call the store before the first connection: by the URL, or the data source's class. */
  static String backend(String hint) {
    String text = hint.toLowerCase(Locale.ROOT);
    if (text.startsWith("jdbc:postgresql:") || text.startsWith("org.postgresql.")) {
      return "jdbc:postgresql";
    }
    return text.startsWith("jdbc:h2:") || text.startsWith("org.h2.") ? "jdbc:h2" : "jdbc";
  }
}
