package dev.holdfast.lock.zookeeper;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;

import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.LockRecords;
import dev.holdfast.lock.zookeeper.Place.Entered;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;

/**
 * The record and the switch of a lock: two more children of its directory, persistent ones. Every
 * claim lists the directory anyway, so the switch costs no request; and Curator, which takes all
 * children for contenders, sorts them behind.
 */
final class ZooKeeperRecords implements LockRecords {

  private static final int ANY_VERSION = -1;

  private final Connection connection;
  private final Desk desk;

  ZooKeeperRecords(Connection connection, Desk desk) {
    this.connection = connection;
    this.desk = desk;
  }

  @Override
  public CompletionStage<Optional<String>> read(String name) {
    String path = desk.layout().directory(name) + '/' + Layout.RECORD;
    return with(
        session ->
            session
                .read(path, null)
                .thenCompose(
                    reply -> {
                      if (reply.isOk()) {
                        return completedFuture(Optional.of(reply.get().text()));
                      }
                      return reply.isNoNode()
                          ? completedFuture(Optional.<String>empty())
                          : failedFuture(Replies.failure(reply.code(), "read", path));
                    }));
  }

  /** One transaction: that the claim's node is there, and the record. */
  @Override
  public CompletionStage<Boolean> write(Claim held, String record) {
    Place place = Place.find(held);
    if (place == null || !(place.state() instanceof Entered entered)) {
      return completedFuture(false);
    }
    String directory = desk.layout().directory(held.name());
    String path = directory + '/' + Layout.RECORD;
    Op mine = Op.check(directory + '/' + Place.node(held, entered), ANY_VERSION);
    byte[] data = record.getBytes(StandardCharsets.UTF_8);
    return with(
        session ->
            session
                .stat(path)
                .thenCompose(
                    known -> {
                      Op write =
                          known.isNoNode()
                              ? Op.create(path, data, session.acl(), CreateMode.PERSISTENT)
                              : Op.setData(path, data, ANY_VERSION);
                      return session.multi(List.of(mine, write), true);
                    })
                .thenCompose(
                    reply -> {
                      if (reply.isOk() || reply.isNoNode()) {
                        return completedFuture(reply.isOk());
                      }
                      return failedFuture(Replies.failure(reply.code(), "write", path));
                    }));
  }

  @Override
  public CompletionStage<Void> setEnabled(String name, boolean enabled) {
    String directory = desk.layout().directory(name);
    String path = directory + '/' + Layout.SWITCH;
    return with(
        session -> {
          CompletableFuture<Code> done;
          if (enabled) {
            done = session.delete(path).thenApply(Replies.Reply::code);
          } else {
            var unused = desk.make(session, directory);
            done =
                session
                    .create(path, new byte[0], CreateMode.PERSISTENT)
                    .thenApply(Replies.Reply::code);
          }
          Code asItWas = enabled ? Code.NONODE : Code.NODEEXISTS;
          return done.thenCompose(
              code ->
                  code == Code.OK || code == asItWas
                      ? completedFuture(null)
                      : failedFuture(Replies.failure(code, "switch", path)));
        });
  }

  private <T> CompletionStage<T> with(Function<Session, CompletableFuture<T>> work) {
    try {
      return work.apply(connection.session());
    } catch (BackendFailure e) {
      return failedFuture(e);
    }
  }
}
