package dev.holdfast.lock.jdbc;

import java.util.regex.Pattern;

/** Refuses what is no plain table name: it goes into statements as it is. */
final class TableName {

  private static final String PART = "[A-Za-z_][A-Za-z0-9_]{0,62}";
  private static final Pattern NAME = Pattern.compile("(" + PART + "\\.)?" + PART);

  private TableName() {}

  static String checked(String table) {
    if (!NAME.matcher(table).matches()) {
      throw new IllegalArgumentException(
          ("table must be a plain identifier, optionally with a schema before it (letters, digits"
                  + " and underscores, each part at most 63 characters), not '%s'")
              .formatted(table));
    }
    return table;
  }
}
