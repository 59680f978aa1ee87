package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.LockUris;
import java.sql.SQLException;

/** Says what went wrong and what to do about it, never with a password. */
final class Failures {

  private Failures() {}

  /** No connection was to be had. */
  static BackendFailure connecting(ConnectionSource source, SQLException e) {
    String message = "no connection to %s: %s".formatted(source.describe(), reason(e));
    return Trouble.of(e) == Trouble.LOGIN
        ? BackendFailure.misconfigured(
            message + "; check the user, the password and the database's name", e)
        : BackendFailure.transientFailure(message, e);
  }

  /** A statement failed. */
  static BackendFailure working(
      ConnectionSource source, Trouble trouble, SQLException e, String ddl, String table) {
    String message = "%s: %s".formatted(source.describe(), reason(e));
    return switch (trouble) {
      case NO_TABLE -> noTable(source, e, ddl);
      case READ_ONLY ->
          BackendFailure.transientFailure(
              "unavailable, as the database is read-only (a standby, or switched so): " + message,
              e);
      case DENIED ->
          BackendFailure.misconfigured(
              "the user lacks a right: GRANT SELECT, INSERT, UPDATE, DELETE ON %s; %s"
                  .formatted(table, message),
              e);
      case LOGIN -> BackendFailure.misconfigured(message, e);
      case PERMANENT -> BackendFailure.permanent(message, e);
      case SILENCE -> BackendFailure.transientFailure("no answer in time from " + message, e);
      case AWAY, CONTENTION, TRANSIENT -> BackendFailure.transientFailure(message, e);
    };
  }

  /** The table is missing and could not be created. */
  static BackendFailure creating(ConnectionSource source, SQLException e, String ddl) {
    return switch (Trouble.of(e)) {
      case DENIED, PERMANENT, NO_TABLE -> noTable(source, e, ddl);
      default ->
          BackendFailure.transientFailure(
              "could not create the table at %s: %s".formatted(source.describe(), reason(e)), e);
    };
  }

  private static BackendFailure noTable(ConnectionSource source, SQLException e, String ddl) {
    return BackendFailure.misconfigured(
        ("the table for locks is missing or lacks a column at %s: %s. Create it, or set"
                + " createSchema (in a URL: holdfast.createSchema=true):%n%s;")
            .formatted(source.describe(), reason(e), ddl),
        e);
  }

  /** A pool says only that it has no connection; what the driver told it is among the causes. */
  private static String reason(SQLException e) {
    SQLException deepest = e;
    for (int depth = 0; depth < 10 && deepest.getCause() instanceof SQLException next; depth++) {
      deepest = next;
    }
    String own = oneLine(e);
    return deepest == e ? own : own + ": " + oneLine(deepest);
  }

  private static String oneLine(SQLException e) {
    String message = String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
    return LockUris.redact(message); // H2 repeats a URL that it does not understand
  }
}
