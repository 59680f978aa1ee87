package dev.holdfast.lock.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import java.util.concurrent.locks.Lock;
import org.springframework.integration.jdbc.lock.DefaultLockRepository;
import org.springframework.integration.jdbc.lock.JdbcLockRegistry;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

/** Spring Integration's JdbcLockRegistry with its defaults, from a pool like ours. */
final class SpringSubject implements Subject {

  private static final String TABLE =
      "CREATE TABLE IF NOT EXISTS INT_LOCK (LOCK_KEY CHAR(36) NOT NULL, REGION VARCHAR(100) NOT"
          + " NULL, CLIENT_ID CHAR(36), CREATED_DATE %1$s NOT NULL, EXPIRED_AFTER %1$s NOT NULL,"
          + " CONSTRAINT INT_LOCK_PK PRIMARY KEY (LOCK_KEY, REGION))";

  private final HikariDataSource pool;
  private final DefaultLockRepository repository;
  private final JdbcLockRegistry registry;

  private SpringSubject(String url, String timestamp) throws SQLException {
    pool = JdbcPool.open(url, TABLE.formatted(timestamp));
    repository = new DefaultLockRepository(pool);
    repository.setTransactionManager(new DataSourceTransactionManager(pool));
    repository.afterPropertiesSet();
    repository.afterSingletonsInstantiated();
    repository.start();
    registry = new JdbcLockRegistry(repository);
  }

  static SpringSubject onPostgres(String url) throws SQLException {
    return new SpringSubject(url, "TIMESTAMP");
  }

  static SpringSubject onMySql(String url) throws SQLException {
    return new SpringSubject(url, "DATETIME(6)");
  }

  @Override
  public Held acquire(String name) {
    Lock lock = registry.obtain(name);
    lock.lock();
    return () -> {
      lock.unlock();
      return true;
    };
  }

  /** Names share 256 local locks, and the thread that took one must release it. */
  @Override
  public boolean holdsMany() {
    return false;
  }

  @Override
  public void close() {
    repository.stop();
    pool.close();
  }
}
