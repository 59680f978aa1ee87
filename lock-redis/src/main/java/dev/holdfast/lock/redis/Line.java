package dev.holdfast.lock.redis;

import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Ticker;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection for one purpose: opened at first use, and anew when it is closed or stuck.
 *
 * <p>Lettuce notices a connection that is closed, but not one that is silent: there answers are
 * waited for until the kernel gives up, a quarter of an hour later. So who sends looks whether
 * answers have been due for too long.
 *
 * <p>Guarded by {@code lock}: opening, failedAt, failure, closed, and changes of open.
 */
final class Line {

  /** Between two tries to connect: who refuses is not asked thousands of times a second. */
  private static final long PAUSE = 20_000_000;

  private final Supplier<CompletionStage<Link>> opener;
  private final Ticker ticker;
  private final long patience;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable CompletableFuture<Link> opening;
  private @Nullable Throwable failure;
  private long failedAt;
  private boolean closed;
  private volatile @Nullable Link open;

  /**
   * Not connected yet.
   *
   * @param patience how long answers may be missing before the connection counts as stuck
   */
  Line(Supplier<CompletionStage<Link>> opener, Ticker ticker, Duration patience) {
    this.opener = opener;
    this.ticker = ticker;
    this.patience = patience.toNanos();
  }

  /** The connection if it is there and well, else null: then {@link #link} opens one. */
  @Nullable Link ready() {
    Link now = open;
    return now != null && now.isWell(patience) ? now : null;
  }

  /** The connection, opened if need be. */
  CompletableFuture<Link> link() {
    Link now = ready();
    if (now != null) {
      return CompletableFuture.completedFuture(now);
    }
    CompletableFuture<Link> mine = new CompletableFuture<>();
    lock.lock();
    try {
      now = ready();
      if (now != null) {
        return CompletableFuture.completedFuture(now);
      }
      if (closed) {
        return CompletableFuture.failedFuture(closed());
      }
      if (opening != null) {
        return opening;
      }
      if (failure != null && ticker.read() - failedAt < PAUSE) {
        return CompletableFuture.failedFuture(failure);
      }
      opening = mine;
      discard();
    } finally {
      lock.unlock();
    }
    var unused = open().whenComplete((link, problem) -> opened(mine, link, problem));
    return mine;
  }

  private CompletableFuture<Link> open() {
    try {
      return opener.get().toCompletableFuture();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void opened(
      CompletableFuture<Link> waiting, @Nullable Link link, @Nullable Throwable problem) {
    boolean late;
    lock.lock();
    try {
      opening = null;
      failure = problem;
      failedAt = ticker.read();
      late = closed;
      open = late ? null : link;
    } finally {
      lock.unlock();
    }
    if (link == null) {
      waiting.completeExceptionally(problem == null ? closed() : problem);
    } else if (late) {
      var unused = close(link);
      waiting.completeExceptionally(closed());
    } else {
      waiting.complete(link);
    }
  }

  private static BackendFailure closed() {
    return BackendFailure.permanent("the client is closed", null);
  }

  /** Gives up this connection: the next user gets another one. */
  void drop(Link link) {
    lock.lock();
    try {
      if (open == link) {
        discard();
      }
    } finally {
      lock.unlock();
    }
  }

  private void discard() {
    Link old = open;
    open = null;
    if (old != null) {
      var unused = close(old);
    }
  }

  /** Closes for good. */
  CompletableFuture<Void> close() {
    Link old;
    lock.lock();
    try {
      closed = true;
      old = open;
      open = null;
    } finally {
      lock.unlock();
    }
    return old == null ? CompletableFuture.completedFuture(null) : close(old);
  }

  private static CompletableFuture<Void> close(Link link) {
    return link.connection.closeAsync().exceptionally(ignored -> null);
  }
}
