package dev.holdfast.lock.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.provider.jdbc.JdbcLockProvider;

/** ShedLock's JdbcLockProvider. It does not wait, so it polls as the limit does. */
final class ShedLockSubject implements Subject {

  private static final String TABLE =
      "CREATE TABLE IF NOT EXISTS shedlock (name VARCHAR(64) NOT NULL, lock_until %1$s NOT NULL,"
          + " locked_at %1$s NOT NULL, locked_by VARCHAR(255) NOT NULL, PRIMARY KEY (name))";

  private static final Duration AT_MOST = Duration.ofSeconds(15);

  private final HikariDataSource pool;
  private final LockProvider provider;

  private ShedLockSubject(String url, String timestamp) throws SQLException {
    pool = JdbcPool.open(url, TABLE.formatted(timestamp));
    provider = new JdbcLockProvider(pool);
  }

  static ShedLockSubject onPostgres(String url) throws SQLException {
    return new ShedLockSubject(url, "TIMESTAMP");
  }

  static ShedLockSubject onMySql(String url) throws SQLException {
    return new ShedLockSubject(url, "TIMESTAMP(3)");
  }

  @Override
  public Held acquire(String name) {
    while (true) {
      Optional<SimpleLock> lock =
          provider.lock(new LockConfiguration(Instant.now(), name, AT_MOST, Duration.ZERO));
      if (lock.isPresent()) {
        return () -> {
          lock.get().unlock();
          return true;
        };
      }
      Polling.pause();
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
