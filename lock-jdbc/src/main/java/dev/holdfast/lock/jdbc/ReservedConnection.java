package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.BackendContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection for renewals, kept from one to the next, so that nobody's work can use it up
 * (CONTRACT.md, A9).
 *
 * <p>For a URL it is taken from the pool, which has room for one more, or opened beside it when
 * none is idle. Of a lent pool one is kept only after the pool has given a second one at once: from
 * a pool of one it would take what the work under the lock waits for. While it is out, or stuck,
 * the next renewal takes another one. It goes back when no renewal has asked for it for a while.
 */
final class ReservedConnection implements ConnectionSource {

  private static final Logger LOG = LoggerFactory.getLogger(ReservedConnection.class);

  /** A pool that has one to give needs no longer. */
  private static final Duration AT_ONCE = Duration.ofMillis(50);

  private final ConnectionSource pool;
  private final @Nullable UrlDataSource beside;
  private final BackendContext context;
  private final Hop hop;
  private final Set<Connection> own = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable Connection> kept = new AtomicReference<>();
  private final AtomicReference<@Nullable Future<?>> idle = new AtomicReference<>();
  private volatile boolean keeping;
  private volatile boolean closed;

  /**
   * Keeps nothing yet.
   *
   * @param beside where to open a connection beside the pool; null to take one from the pool
   */
  ReservedConnection(
      ConnectionSource pool, @Nullable UrlDataSource beside, BackendContext context) {
    this.pool = pool;
    this.beside = beside;
    this.context = context;
    this.hop = new Hop(context.workers());
  }

  @Override
  public @Nullable Connection atHand() {
    return kept.getAndSet(null);
  }

  @Override
  public boolean opensSessions() {
    return beside != null;
  }

  @Override
  public Connection borrow(Deadline deadline) throws SQLException, InterruptedException {
    keeping = false;
    return beside == null || pool.hasIdle() ? pool.borrow(deadline) : open(beside, deadline);
  }

  /** Where the server has no room for one more, the pool may have one. */
  private Connection open(UrlDataSource url, Deadline deadline)
      throws SQLException, InterruptedException {
    try {
      Connection connection = url.connect(Duration.ofNanos(deadline.nanos()));
      own.add(connection);
      return connection;
    } catch (SQLException e) {
      if (Trouble.of(e) == Trouble.TRANSIENT) {
        return pool.borrow(deadline);
      }
      throw e;
    }
  }

  @Override
  public Connection unwrapped(Connection connection) throws SQLException {
    return own.contains(connection) ? connection : pool.unwrapped(connection);
  }

  @Override
  public boolean borrowsInTime() {
    return beside != null || pool.borrowsInTime();
  }

  @Override
  public void giveBack(Connection connection) {
    boolean keep = !closed && (keeping || beside != null || poolHasAnother());
    if (keep && kept.compareAndSet(null, connection)) {
      keeping = true;
      if (closed) {
        release();
      }
    } else {
      end(connection);
    }
  }

  private boolean poolHasAnother() {
    return hasAnother(pool, hop, Deadline.in(context.ticker(), AT_ONCE));
  }

  /** Whether a pool that has given a connection has one more for its owner, by then. */
  static boolean hasAnother(ConnectionSource pool, Hop hop, Deadline atOnce) {
    try {
      pool.giveBack(hop.call(atOnce, pool.describe(), gate -> pool.borrow(atOnce), pool::giveBack));
      return true;
    } catch (SQLException | RuntimeException e) { // the first one has to go back in any case
      LOG.debug("No connection is kept: the pool has no second one now", e);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Gives it back unless it is asked for within {@code limit}. */
  void releaseUnlessUsedWithin(Duration limit) {
    if (closed) {
      return;
    }
    try {
      Future<?> next =
          context
              .timer()
              .schedule(
                  () -> context.workers().execute(this::release),
                  limit.toNanos(),
                  TimeUnit.NANOSECONDS);
      Future<?> before = idle.getAndSet(next);
      if (before != null) {
        before.cancel(false);
      }
    } catch (RejectedExecutionException e) {
      release();
    }
  }

  private void release() {
    Connection connection = kept.getAndSet(null);
    if (connection != null) {
      end(connection);
    }
  }

  private void end(Connection connection) {
    if (own.remove(connection)) {
      Connections.closeQuietly(connection);
    } else {
      pool.giveBack(connection);
    }
  }

  @Override
  public void discard(Connection connection) {
    if (own.remove(connection)) {
      Connections.abort(connection);
    } else {
      pool.discard(connection);
    }
  }

  @Override
  public void readOnly(Connection connection) {
    discard(connection);
  }

  @Override
  public void suspect() {
    pool.suspect();
  }

  @Override
  public String describe() {
    return pool.describe();
  }

  /** Cuts what is out as well: nobody waits for its renewal any more. */
  @Override
  public void close() {
    closed = true;
    Future<?> pending = idle.getAndSet(null);
    if (pending != null) {
      pending.cancel(false);
    }
    release();
    own.forEach(this::discard);
  }
}
