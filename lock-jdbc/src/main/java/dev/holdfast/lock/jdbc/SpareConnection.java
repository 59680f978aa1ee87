package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.BackendContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is kept for long: opened beside our own pool, and taken from a lent one only if
 * that has another one left for its owner.
 */
final class SpareConnection implements ConnectionSource {

  /** Enough for a pool that has to open one; the owner of a pool of one waits no longer for his. */
  private static final Duration SOON = Duration.ofMillis(250);

  private final ConnectionSource pool;
  private final @Nullable UrlDataSource beside;
  private final BackendContext context;
  private final Hop hop;

  /**
   * Opens nothing yet.
   *
   * @param beside where to open it; null to take it from the pool
   */
  SpareConnection(ConnectionSource pool, @Nullable UrlDataSource beside, BackendContext context) {
    this.pool = pool;
    this.beside = beside;
    this.context = context;
    this.hop = new Hop(context.workers());
  }

  @Override
  public Connection borrow(Deadline deadline) throws SQLException, InterruptedException {
    if (beside != null) {
      return beside.connect(Duration.ofNanos(deadline.nanos()));
    }
    Connection connection = pool.borrow(deadline);
    if (!ReservedConnection.hasAnother(pool, hop, Deadline.in(context.ticker(), SOON))) {
      pool.giveBack(connection);
      throw new SQLException("the pool has none to spare");
    }
    return connection;
  }

  @Override
  public boolean borrowsInTime() {
    return beside != null || pool.borrowsInTime();
  }

  @Override
  public Connection unwrapped(Connection connection) throws SQLException {
    return beside != null ? connection : pool.unwrapped(connection);
  }

  @Override
  public void giveBack(Connection connection) {
    if (beside != null) {
      Connections.closeQuietly(connection);
    } else {
      pool.giveBack(connection);
    }
  }

  @Override
  public void discard(Connection connection) {
    if (beside != null) {
      Connections.abort(connection);
    } else {
      pool.discard(connection);
    }
  }

  /** Cuts the line of one who waits for messages; one that is lent has to be waited for. */
  void hangUp(Connection connection) {
    if (beside != null) {
      Connections.abort(connection);
    }
  }

  @Override
  public String describe() {
    return pool.describe();
  }
}
