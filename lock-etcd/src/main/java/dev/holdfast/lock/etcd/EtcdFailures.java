package dev.holdfast.lock.etcd;

import dev.holdfast.lock.spi.BackendFailure;
import io.etcd.jetcd.common.exception.EtcdException;
import io.grpc.Status;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What jetcd's exceptions mean. */
final class EtcdFailures {

  private EtcdFailures() {}

  /** Whether etcd has said that there is no such lease. */
  static boolean isLeaseGone(Throwable failure) {
    Throwable inner = unwrap(failure);
    return code(inner) == Status.Code.NOT_FOUND && message(inner).contains("lease not found");
  }

  /**
   * Whether no server was reached; one that has no leader says "unavailable" too, and so answers.
   */
  static boolean isUnreachable(Throwable failure) {
    Throwable inner = unwrap(failure);
    return code(inner) == Status.Code.UNAVAILABLE && !message(inner).contains("etcdserver:");
  }

  /** Whether etcd does not know this client, or not any more. */
  static boolean isLogin(Throwable failure) {
    Throwable inner = unwrap(failure);
    String message = message(inner);
    return code(inner) == Status.Code.UNAUTHENTICATED
        || message.contains("authentication failed")
        || message.contains("user name is empty")
        || message.contains("invalid auth token");
  }

  /** Whether etcd has answered with an error: nothing of the request can be in the store. */
  static boolean isDefinite(Throwable failure) {
    return translate(failure).kind() != BackendFailure.Kind.TRANSIENT;
  }

  static BackendFailure translate(Throwable failure) {
    Throwable inner = unwrap(failure);
    if (inner instanceof BackendFailure known) {
      return known;
    }
    String message = message(inner);
    if (isLogin(inner)) {
      return BackendFailure.misconfigured(
          "etcd refuses the user or the password: " + message, inner);
    }
    return switch (code(inner)) {
      case PERMISSION_DENIED ->
          BackendFailure.misconfigured(
              "etcd: %s; grant the user's role readwrite on the range of the key prefix, 'etcdctl"
                      .formatted(message)
                  + " role grant-permission --prefix=true ROLE readwrite PREFIX/'",
              inner);
      case RESOURCE_EXHAUSTED ->
          message.contains("database space exceeded")
              ? BackendFailure.permanent(
                  "etcd is full and takes no claims until its NOSPACE alarm is disarmed: "
                      + message,
                  inner)
              : BackendFailure.transientFailure("etcd is overloaded: " + message, inner);
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE, UNIMPLEMENTED ->
          isElection(message)
              ? BackendFailure.transientFailure("etcd: " + message, inner)
              : BackendFailure.permanent("etcd refuses the request: " + message, inner);
      default -> BackendFailure.transientFailure("etcd did not answer: " + message, inner);
    };
  }

  /** Some releases answer so while a token, a leader or a member's view of them is out of date. */
  private static boolean isElection(String message) {
    return message.contains("auth store is old")
        || message.contains("no leader")
        || message.contains("leader changed")
        || message.contains("not capable");
  }

  static Throwable unwrap(Throwable failure) {
    Throwable inner = failure;
    while ((inner instanceof CompletionException || inner instanceof ExecutionException)
        && inner.getCause() != null) {
      inner = inner.getCause();
    }
    return inner;
  }

  private static Status.Code code(Throwable failure) {
    if (failure instanceof EtcdException etcd) {
      return Status.Code.valueOf(etcd.getErrorCode().name());
    }
    return Status.fromThrowable(failure).getCode();
  }

  private static String message(Throwable failure) {
    if (failure instanceof EtcdException) {
      return String.valueOf(failure.getMessage());
    }
    Status status = Status.fromThrowable(failure);
    String said = status.getDescription();
    Throwable cause = status.getCause();
    String why = cause == null || cause.getMessage() == null ? "" : cause.getMessage();
    return said == null ? status.getCode() + (why.isEmpty() ? "" : ": " + why) : said;
  }
}
