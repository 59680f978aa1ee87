package dev.holdfast.lock.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A HikariCP pool of our own, opened at first use.
 *
 * <p>It is asked in short slices, as it knows only one patience. When it has none to give although
 * it is not used up, it could not connect; it then waits for up to 5 s before it tries again, and
 * tells the cause only after the slice. So we try ourselves: the driver's own error comes at once,
 * and the first call after an outage does not wait for the pool.
 */
final class OwnPool implements ConnectionSource {

  private static final AtomicInteger NUMBER = new AtomicInteger();

  /** The least that HikariCP takes. */
  private static final long SLICE_MILLIS = 250;

  /** How long an idle connection has to prove itself: what a borrower may lose to a dead one. */
  private static final long VALIDATION_MILLIS = 500;

  private final UrlDataSource url;
  private final int size;
  private final Set<Connection> unpooled = ConcurrentHashMap.newKeySet();
  private final ReentrantLock opening = new ReentrantLock();
  private volatile @Nullable HikariDataSource pool;
  private volatile boolean closed;

  OwnPool(UrlDataSource url, int size) {
    this.url = url;
    this.size = size + 1; // the one that is reserved for renewals may come from here
  }

  @Override
  public Connection borrow(Deadline deadline) throws SQLException, InterruptedException {
    HikariDataSource open = pool();
    while (true) {
      try {
        return open.getConnection();
      } catch (SQLTransientConnectionException e) {
        if (deadline.passed()) {
          throw e;
        }
        if (open.getHikariPoolMXBean().getTotalConnections() + unpooled.size() < size) {
          return openOurselves(deadline);
        }
      } catch (SQLException e) {
        if (Thread.interrupted()) {
          throw (InterruptedException) new InterruptedException().initCause(e);
        }
        throw e;
      }
    }
  }

  private Connection openOurselves(Deadline deadline) throws SQLException {
    Connection connection = url.connect(Duration.ofNanos(deadline.nanos()));
    unpooled.add(connection);
    if (closed) {
      discard(connection);
      throw closedNow();
    }
    return connection;
  }

  /** HikariCP's wrapper would log each broken connection as a warning with its stack. */
  @Override
  public Connection unwrapped(Connection connection) throws SQLException {
    return connection.unwrap(Connection.class);
  }

  @Override
  public void giveBack(Connection connection) {
    unpooled.remove(connection);
    Connections.closeQuietly(connection);
  }

  @Override
  public void discard(Connection connection) {
    HikariDataSource open = pool;
    if (unpooled.remove(connection) || open == null) {
      Connections.abort(connection);
    } else {
      open.evictConnection(connection);
    }
  }

  /** After a switch-over a new connection may well lead to the new primary. */
  @Override
  public void readOnly(Connection connection) {
    discard(connection);
    suspect();
  }

  @Override
  public boolean hasIdle() {
    HikariDataSource open = pool;
    HikariPoolMXBean bean = open == null ? null : open.getHikariPoolMXBean();
    return bean != null && bean.getIdleConnections() > 0;
  }

  @Override
  public boolean borrowsInTime() {
    return true;
  }

  @Override
  public boolean opensSessions() {
    return true;
  }

  @Override
  public void suspect() {
    HikariDataSource open = pool;
    HikariPoolMXBean bean = open == null ? null : open.getHikariPoolMXBean();
    if (bean != null) {
      bean.softEvictConnections();
    }
  }

  @Override
  public String describe() {
    return url.describe();
  }

  private HikariDataSource pool() throws SQLException {
    HikariDataSource open = pool;
    return open != null ? open : openPool();
  }

  private HikariDataSource openPool() throws SQLException {
    opening.lock();
    try {
      if (closed) {
        throw closedNow();
      }
      HikariDataSource open = pool;
      if (open == null) {
        open = new HikariDataSource(config());
        pool = open;
      }
      return open;
    } finally {
      opening.unlock();
    }
  }

  private HikariConfig config() {
    HikariConfig config = new HikariConfig();
    config.setPoolName("holdfast-jdbc-" + NUMBER.incrementAndGet());
    config.setDataSource(url);
    config.setMaximumPoolSize(size);
    // None is kept for its own sake: a pool that fills itself never stops to call a dead database.
    config.setMinimumIdle(0);
    config.setIdleTimeout(TimeUnit.MINUTES.toMillis(2));
    config.setConnectionTimeout(SLICE_MILLIS);
    config.setValidationTimeout(VALIDATION_MILLIS);
    config.setInitializationFailTimeout(-1);
    return config;
  }

  private SQLException closedNow() {
    return new SQLException("the client is closed", "08003");
  }

  @Override
  public void close() {
    HikariDataSource open;
    opening.lock();
    try {
      closed = true;
      open = pool;
    } finally {
      opening.unlock();
    }
    url.close();
    unpooled.forEach(this::discard);
    try {
      if (open != null) {
        open.close();
      }
    } finally {
      url.endPooled();
    }
  }
}
