package dev.holdfast.lock.jdbc;

import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a database's error means for a lock. */
enum Trouble {
  /** A deadlock, a serialization failure, a row that others keep locked: ask again. */
  CONTENTION,
  /** No table, or not with our columns. */
  NO_TABLE,
  /** A standby, or switched to read-only: nobody can be given a lock here. */
  READ_ONLY,
  /** May not read or write the table. */
  DENIED,
  /** Wrong user, password or database name. */
  LOGIN,
  /** No answer in time: the connection is of no more use, and the outcome unknown. */
  SILENCE,
  /** The connection broke, or the server is away. */
  AWAY,
  /** Anything else that a retry may cure. */
  TRANSIENT,
  /** A statement that will never work. */
  PERMANENT;

  /** PostgreSQL's state for it. */
  static final String LOCK_NOT_AVAILABLE = "55P03";

  /** SQL states that mean the same everywhere, and H2's own numbers. */
  private static final Set<String> CONTENDED =
      Set.of("40001", "40P01", LOCK_NOT_AVAILABLE, "HYT00", "90131");

  private static final Set<String> MISSING =
      Set.of("42P01", "42703", "3F000", "42S02", "42S03", "42S04", "42S22", "90079");

  private static final Set<String> BAD_LOGIN = Set.of("3D000", "90146", "90149", "90013");

  private static final Set<String> BROKEN =
      Set.of("57P01", "57P02", "57P03", "57P05", "90007", "90067", "90098", "90121");

  /** Looks along the causes: pools wrap what the driver said. */
  static Trouble of(SQLException failure) {
    if (causedBySilence(failure)) {
      return SILENCE;
    }
    List<SQLException> chain = chain(failure);
    for (SQLException e : chain) { // what wraps an error repeats its state, and not its number
      Trouble byCode = VendorCodes.of(e.getSQLState(), e.getErrorCode());
      if (byCode != null) {
        return byCode;
      }
    }
    for (SQLException e : chain) {
      Trouble byState = byState(e.getSQLState());
      if (byState != TRANSIENT) {
        return byState;
      }
    }
    return TRANSIENT;
  }

  private static List<SQLException> chain(SQLException failure) {
    List<SQLException> chain = new ArrayList<>();
    SQLException at = failure;
    for (int depth = 0; at != null && depth < 10; depth++, at = next(at)) {
      chain.add(at);
    }
    return chain;
  }

  /** True if the connection must not be used again. */
  boolean spoilsConnection() {
    return this == AWAY || this == SILENCE;
  }

  static boolean isDuplicateKey(SQLException e) {
    return "23505".equals(e.getSQLState())
        || VendorCodes.isDuplicateKey(e.getSQLState(), e.getErrorCode());
  }

  private static Trouble byState(@Nullable String state) {
    if (state == null || state.length() < 2) {
      return TRANSIENT;
    }
    if (CONTENDED.contains(state)) {
      return CONTENTION;
    }
    if (MISSING.contains(state)) {
      return NO_TABLE;
    }
    if (BAD_LOGIN.contains(state)) {
      return LOGIN;
    }
    if (BROKEN.contains(state)) {
      return AWAY;
    }
    return switch (state) {
      case "25006", "90097" -> READ_ONLY;
      case "42501", "90096" -> DENIED;
      default -> byClass(state.substring(0, 2));
    };
  }

  private static Trouble byClass(String stateClass) {
    return switch (stateClass) {
      case "08" -> AWAY;
      case "28" -> LOGIN;
      case "40" -> CONTENTION;
      case "0A", "21", "22", "23", "42" -> PERMANENT;
      default -> TRANSIENT;
    };
  }

  private static @Nullable SQLException next(SQLException e) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException inner) {
        return inner;
      }
    }
    return e.getNextException();
  }

  private static boolean causedBySilence(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < 10; depth++, cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException) {
        return true;
      }
    }
    return false;
  }
}
