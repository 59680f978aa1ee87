package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.spi.BackendFailure;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

/** What ZooKeeper's result codes mean. */
final class Replies {

  private Replies() {}

  /**
   * A reply.
   *
   * @param value null unless the code is OK
   */
  record Reply<T>(Code code, @Nullable T value) {

    boolean isOk() {
      return code == Code.OK;
    }

    boolean isNoNode() {
      return code == Code.NONODE;
    }

    /** Whether the request may or may not have been carried out. */
    boolean isLost() {
      return Replies.isLost(code);
    }

    @SuppressWarnings("NullAway") // there with OK, and asked for after that only
    T get() {
      return value;
    }
  }

  static Code code(int rc) {
    Code code = Code.get(rc);
    return code == null ? Code.SYSTEMERROR : code;
  }

  /** Whether this code comes from the client itself: no server has said it of this request. */
  static boolean isLost(Code code) {
    return switch (code) {
      case CONNECTIONLOSS, OPERATIONTIMEOUT, REQUESTTIMEOUT, SESSIONEXPIRED, SESSIONMOVED -> true;
      default -> false;
    };
  }

  /** The failure that the engine is told. */
  static BackendFailure failure(Code code, String what, String path) {
    KeeperException cause = KeeperException.create(code, path);
    String text = "could not %s %s: %s".formatted(what, path, code);
    return switch (code) {
      case CONNECTIONLOSS,
          OPERATIONTIMEOUT,
          REQUESTTIMEOUT,
          SESSIONEXPIRED,
          SESSIONMOVED,
          THROTTLEDOP,
          NOTREADONLY,
          SYSTEMERROR,
          RUNTIMEINCONSISTENCY ->
          BackendFailure.transientFailure(text, cause);
      case NOAUTH, AUTHFAILED, INVALIDACL, SESSIONCLOSEDREQUIRESASLAUTH ->
          BackendFailure.misconfigured(
              text
                  + ". The client needs the rights to create, read, write and delete there: give it"
                  + " the credentials that the nodes' ACLs name, or change those",
              cause);
      case NONODE ->
          BackendFailure.misconfigured(
              text + ". Its parents cannot be created: does the chroot of the connection exist?",
              cause);
      case NOCHILDRENFOREPHEMERALS ->
          BackendFailure.misconfigured(
              text + ". One of its parents is an ephemeral node: choose another root", cause);
      case UNIMPLEMENTED ->
          BackendFailure.misconfigured(
              text + ". The server is too old: ZooKeeper 3.8 or newer is needed", cause);
      default -> BackendFailure.permanent(text, cause);
    };
  }
}
