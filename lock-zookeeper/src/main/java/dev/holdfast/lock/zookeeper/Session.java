package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.spi.Ticker;
import dev.holdfast.lock.zookeeper.Replies.Reply;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.CreateResult;
import org.apache.zookeeper.OpResult.SetDataResult;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * One session: one handle of ZooKeeper's client, which outlives connections but not the session.
 *
 * <p>Requests go to the handle itself and not through Curator's operations, which would repeat them
 * and wait in between: sent back to back they reach the server in order, and an answer that was
 * lost is known as lost. Futures complete on the handle's event thread, in the order of the
 * requests, always normally.
 */
final class Session implements Watcher {

  private static final int ANY_VERSION = -1;
  private static final byte[] NOTHING = {};

  /** A node, what it holds as text, and the transaction that created it. */
  record Node(String path, String text, long czxid) {}

  final ZooKeeper zk;
  final Trust trust;
  private final Ticker ticker;
  private final List<ACL> acl;
  private volatile boolean over;

  private Session(ZooKeeper zk, Ticker ticker, List<ACL> acl) {
    this.zk = zk;
    this.trust = new Trust(ticker);
    this.ticker = ticker;
    this.acl = acl;
  }

  /** A session whose ends of connections are heard of from now on. */
  static Session of(ZooKeeper zk, Ticker ticker, List<ACL> acl) {
    Session session = new Session(zk, ticker, acl);
    session.listen();
    return session;
  }

  /**
   * Any watch brings the events of the session, in order with the answers; this one is for them.
   */
  private void listen() {
    long sent = ticker.read();
    zk.exists("/", this, (rc, path, context, stat) -> heard(sent, rc, false), null);
  }

  /** Takes the watch back, on a handle that others use on. */
  void leave() {
    zk.removeWatches("/", this, WatcherType.Data, true, (rc, path, context) -> {}, null);
  }

  @Override
  public void process(WatchedEvent event) {
    if (event.getType() == Event.EventType.None) {
      switch (event.getState()) {
        case Disconnected -> trust.disconnected();
        case Expired, Closed -> over = true;
        default -> {}
      }
    } else if (event.getType() != Event.EventType.DataWatchRemoved) {
      listen(); // somebody wrote to the root node
    }
  }

  /** Whether it has ended, as far as this client has heard. */
  boolean isOver() {
    return over;
  }

  /** False once its handle is closed, which Curator does before it makes the next one. */
  boolean isAlive() {
    return !over && zk.getState().isAlive();
  }

  /** Nanoseconds, as negotiated with the server once there was a connection. */
  long timeout() {
    return zk.getSessionTimeout() * 1_000_000L;
  }

  private Code heard(long sent, int rc, boolean write) {
    Code code = Replies.code(rc);
    if (code == Code.SESSIONEXPIRED) {
      over = true;
    } else if (!Replies.isLost(code)) {
      trust.answered(sent, timeout(), write && code == Code.OK);
    }
    return code;
  }

  /** Creates a node; the node's path and stat. */
  CompletableFuture<Reply<Node>> create(String path, byte[] data, CreateMode mode) {
    CompletableFuture<Reply<Node>> answer = new CompletableFuture<>();
    long sent = ticker.read();
    zk.create(
        path,
        data,
        acl,
        mode,
        (rc, asked, context, name, stat) -> {
          Code code = heard(sent, rc, true);
          answer.complete(
              new Reply<>(code, code == Code.OK ? new Node(name, "", stat.getCzxid()) : null));
        },
        null);
    return answer;
  }

  CompletableFuture<Reply<Stat>> write(String path, byte[] data) {
    CompletableFuture<Reply<Stat>> answer = new CompletableFuture<>();
    long sent = ticker.read();
    zk.setData(
        path,
        data,
        ANY_VERSION,
        (rc, asked, context, stat) -> answer.complete(new Reply<>(heard(sent, rc, true), stat)),
        null);
    return answer;
  }

  CompletableFuture<Reply<Void>> delete(String path) {
    CompletableFuture<Reply<Void>> answer = new CompletableFuture<>();
    long sent = ticker.read();
    zk.delete(
        path,
        ANY_VERSION,
        (rc, asked, context) -> answer.complete(new Reply<>(heard(sent, rc, true), null)),
        null);
    return answer;
  }

  /** The names of the children. */
  CompletableFuture<Reply<List<String>>> children(String path) {
    CompletableFuture<Reply<List<String>>> answer = new CompletableFuture<>();
    long sent = ticker.read();
    zk.getChildren(
        path,
        false,
        (rc, asked, context, names) -> answer.complete(new Reply<>(heard(sent, rc, false), names)),
        null);
    return answer;
  }

  /** Reads a node, and watches it if it is there and a watcher is given. */
  CompletableFuture<Reply<Node>> read(String path, @Nullable Watcher watcher) {
    CompletableFuture<Reply<Node>> answer = new CompletableFuture<>();
    long sent = ticker.read();
    zk.getData(
        path,
        watcher,
        (rc, asked, context, data, stat) -> {
          Code code = heard(sent, rc, false);
          String text = data == null ? "" : new String(data, StandardCharsets.UTF_8);
          answer.complete(
              new Reply<>(code, code == Code.OK ? new Node(asked, text, stat.getCzxid()) : null));
        },
        null);
    return answer;
  }

  CompletableFuture<Reply<Stat>> stat(String path) {
    CompletableFuture<Reply<Stat>> answer = new CompletableFuture<>();
    long sent = ticker.read();
    zk.exists(
        path,
        false,
        (rc, asked, context, stat) -> answer.complete(new Reply<>(heard(sent, rc, false), stat)),
        null);
    return answer;
  }

  /** Lets the server catch up with the leader: what follows reads nothing older than this. */
  void sync(String path) {
    long sent = ticker.read();
    zk.sync(path, (rc, asked, context) -> heard(sent, rc, false), null);
  }

  /** The paths of this session's ephemeral nodes that start so. */
  CompletableFuture<Reply<List<String>>> ephemerals(String start) {
    CompletableFuture<Reply<List<String>>> answer = new CompletableFuture<>();
    long sent = ticker.read();
    zk.getEphemerals(
        start,
        (rc, context, paths) -> answer.complete(new Reply<>(heard(sent, rc, false), paths)),
        null);
    return answer;
  }

  /** Several requests in one; all reads, or all writes of which all or none are done. */
  CompletableFuture<Reply<List<OpResult>>> multi(List<Op> operations, boolean write) {
    CompletableFuture<Reply<List<OpResult>>> answer = new CompletableFuture<>();
    long sent = ticker.read();
    zk.multi(
        operations,
        (rc, asked, context, results) ->
            answer.complete(new Reply<>(heard(sent, rc, write), results)),
        null);
    return answer;
  }

  /**
   * Deletes one node, creates another and writes to a third, all or nothing; the new node. All
   * operations of a transaction have one zxid, and only the answer to a write tells it: that of a
   * create has no stat there.
   */
  CompletableFuture<Reply<Node>> replace(String old, String start, byte[] data, String third) {
    List<Op> operations =
        List.of(
            Op.delete(old, ANY_VERSION),
            Op.create(start, data, acl, CreateMode.EPHEMERAL_SEQUENTIAL),
            Op.setData(third, NOTHING, ANY_VERSION));
    return multi(operations, true)
        .thenApply(
            reply -> {
              List<OpResult> results = reply.value();
              return reply.isOk()
                      && results != null
                      && results.get(1) instanceof CreateResult created
                      && results.get(2) instanceof SetDataResult written
                  ? new Reply<>(
                      Code.OK, new Node(created.getPath(), "", written.getStat().getMzxid()))
                  : new Reply<>(reply.code(), null);
            });
  }

  /**
   * Takes the watches of a node back, at the server too, which it does for all of a path only: of
   * this session nobody but the one directly behind watches a contender.
   */
  void unwatch(String path) {
    zk.removeAllWatches(path, WatcherType.Data, true, (rc, asked, context) -> {}, null);
  }

  List<ACL> acl() {
    return acl;
  }
}
