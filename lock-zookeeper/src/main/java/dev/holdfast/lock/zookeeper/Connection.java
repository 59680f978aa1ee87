package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.BackendFailure;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;

/**
 * The way to the present session, over a CuratorFramework that is ours or the application's.
 *
 * <p>Guarded by {@code lock}: changing the session. No session is made after the end.
 */
final class Connection {

  private static final long FIRST_LOOK = 1_000_000;

  private final CuratorFramework framework;
  private final boolean owned;
  private final BackendContext context;
  private final List<ACL> acl;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Session session;

  Connection(CuratorFramework framework, boolean owned, BackendContext context, List<ACL> acl) {
    this.framework = framework;
    this.owned = owned;
    this.context = context;
    this.acl = acl;
  }

  /** The session of Curator's present handle; a new one when that has changed. */
  Session session() {
    ZooKeeper handle = handle();
    Session known = session;
    return known != null && known.zk == handle ? known : renewed(handle);
  }

  /**
   * The session after one that has ended. Requests are answered so as soon as the client knows of
   * the end, and Curator replaces the handle a little later, when it is told in its turn. It tells
   * nobody of that, so the handle is looked at; for T at most.
   */
  CompletableFuture<Session> after(Session ended) {
    CompletableFuture<Session> next = new CompletableFuture<>();
    look(ended, FIRST_LOOK, next);
    return next;
  }

  private void look(Session ended, long gap, CompletableFuture<Session> next) {
    try {
      Session present = session();
      if (present != ended) {
        next.complete(present);
      } else if (gap > ended.timeout() / 2) { // the gaps so far add up to about T
        next.completeExceptionally(
            BackendFailure.transientFailure("the session has ended, and there is no other", null));
      } else {
        Runnable again = () -> look(ended, gap * 2, next);
        var unused =
            context
                .timer()
                .schedule(() -> context.workers().execute(again), gap, TimeUnit.NANOSECONDS);
      }
    } catch (BackendFailure | RejectedExecutionException e) {
      next.completeExceptionally(e);
    }
  }

  private Session renewed(ZooKeeper handle) {
    lock.lock();
    try {
      Session known = session;
      // One that is closed was replaced while we came here: going back to it would make another
      // session of the present handle, to which nothing that stands in it would seem to belong.
      if (known != null && (known.zk == handle || !handle.getState().isAlive())) {
        return known;
      }
      Session made = Session.of(handle, context.ticker(), acl);
      session = made;
      return made;
    } finally {
      lock.unlock();
    }
  }

  private ZooKeeper handle() {
    ZooKeeper handle;
    try {
      handle = framework.getZookeeperClient().getZooKeeper();
    } catch (IllegalStateException e) {
      throw BackendFailure.misconfigured(
          "the CuratorFramework is not running (%s): start it before its locks are used, and close it after them"
              .formatted(framework.getState()),
          e);
    } catch (Exception e) {
      throw BackendFailure.transientFailure("no connection: " + e.getMessage(), e);
    }
    if (handle == null) {
      throw BackendFailure.permanent("the CuratorFramework is closed", null);
    }
    return handle;
  }

  /** The session used last, if there was one. */
  @Nullable Session last() {
    return session;
  }

  boolean isOwned() {
    return owned;
  }

  /** Ends the session, if it is ours; blocks until the server has heard of it, or cannot. */
  void close() {
    Session last = session;
    if (owned) {
      framework.close();
    } else if (last != null && !last.isOver()) {
      last.leave();
    }
  }
}
