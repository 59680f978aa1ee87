package dev.holdfast.lock.redis;

import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.LockUris;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisReadOnlyException;
import org.jspecify.annotations.Nullable;

/** Says what went wrong and what to do about it, never with a password. */
final class Failures {

  private static final String RIGHTS =
      "the user lacks a right. The least that works: %s on the keys ~<prefix>* ~holdfast:* and the"
          + " channels &holdfast:*";

  /** What the scripts and the connection use; tested as the whole of an ACL user's rights. */
  static final String COMMANDS =
      "+hello +ping +subscribe +unsubscribe +publish"
          + " +evalsha +eval +info +time +get +set +del +exists +pttl +pexpire"
          + " +hget +hset +hdel +hexists +lindex +lpop +lrem +lrange +rpush +wait";

  private Failures() {}

  /** No connection was to be had. */
  static BackendFailure connecting(Servers servers, @Nullable Throwable failure) {
    if (failure instanceof BackendFailure told) {
      return told;
    }
    String message = "no connection to %s: %s".formatted(servers.describe(), reason(failure));
    if (has(failure, "WRONGPASS") || has(failure, "NOAUTH") || has(failure, "invalid password")) {
      return BackendFailure.misconfigured(message + "; check the user and the password", failure);
    }
    if (has(failure, "NOPERM")) {
      return BackendFailure.misconfigured(RIGHTS.formatted(COMMANDS) + "; " + message, failure);
    }
    if (has(failure, "RedisURI is not available")) {
      return BackendFailure.misconfigured(
          "the application's RedisClient was made without a URI: make it with"
              + " RedisClient.create(uri)",
          failure);
    }
    return BackendFailure.transientFailure(message, failure);
  }

  /** A command failed. */
  static BackendFailure working(Servers servers, Throwable failure) {
    String message = "%s: %s".formatted(servers.describe(), reason(failure));
    if (!(failure instanceof RedisCommandExecutionException)) {
      return BackendFailure.transientFailure(message, failure);
    }
    if (has(failure, "NOAUTH") || has(failure, "WRONGPASS")) {
      return BackendFailure.misconfigured(message + "; check the user and the password", failure);
    }
    if (has(failure, "NOPERM") || has(failure, "The user executing the script can't")) {
      return BackendFailure.misconfigured(RIGHTS.formatted(COMMANDS) + "; " + message, failure);
    }
    if (!servers.isCluster() && (has(failure, "MOVED ") || has(failure, "ASK "))) {
      return BackendFailure.misconfigured(
          "this is a node of a cluster: name several hosts in the URI, or add"
              + " holdfast.cluster=true, or lend a RedisClusterClient; "
              + message,
          failure);
    }
    if (has(failure, "unknown command") || has(failure, "Unknown Redis command")) {
      return BackendFailure.misconfigured(
          "the server is too old or restricted (6.2 or newer is needed); " + message, failure);
    }
    if (has(failure, "WRONGTYPE")) {
      return BackendFailure.permanent(
          "the key of the lock is in use for something else than a string; " + message, failure);
    }
    return isPassing(failure)
        ? BackendFailure.transientFailure(message, failure)
        : BackendFailure.permanent(message, failure);
  }

  /** States of a server that end. */
  private static boolean isPassing(Throwable failure) {
    for (String state :
        new String[] {
          "MISCONF",
          "READONLY",
          "LOADING",
          "BUSY",
          "OOM",
          "MASTERDOWN",
          "CLUSTERDOWN",
          "TRYAGAIN",
          "MOVED ", // in a cluster: led in a circle, while its nodes agree who serves the slot
          "ASK ",
          "NOREPLICAS",
          "UNKILLABLE",
          "max number of clients"
        }) {
      if (has(failure, state)) {
        return true;
      }
    }
    return isWrongServer(failure);
  }

  /** Whether it comes from a server that was the master once. */
  static boolean isWrongServer(Throwable failure) {
    return failure instanceof RedisReadOnlyException || has(failure, "READONLY");
  }

  private static boolean has(@Nullable Throwable failure, String text) {
    for (Throwable at = failure; at != null && at != at.getCause(); at = at.getCause()) {
      if (String.valueOf(at.getMessage()).contains(text)) {
        return true;
      }
    }
    return false;
  }

  /** A connection says only that it could not be made; why is among the causes. */
  private static String reason(@Nullable Throwable failure) {
    if (failure == null) {
      return "no reason given";
    }
    Throwable deepest = failure;
    for (int depth = 0; depth < 10 && deepest.getCause() != null; depth++) {
      deepest = deepest.getCause();
    }
    String own = oneLine(failure);
    return deepest == failure ? own : own + ": " + oneLine(deepest);
  }

  private static String oneLine(Throwable failure) {
    String message = failure.getMessage();
    String text = message == null ? failure.getClass().getSimpleName() : message;
    return LockUris.redact(text.strip().replaceAll("\\s*\\R\\s*", " "));
  }
}
