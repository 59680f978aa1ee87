package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.spi.LockUris;

/** HikariCP, which an application with a pool of another kind may leave out. */
final class PoolLibrary {

  private PoolLibrary() {}

  static boolean isThere() {
    try {
      Class.forName(
          "com.zaxxer.hikari.HikariDataSource", false, PoolLibrary.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /**
   * For a pool of our own.
   *
   * @throws LockConfigurationException if it is not there
   */
  static void require(String url) {
    if (!isThere()) {
      throw new LockConfigurationException(
          "%s needs a pool: add com.zaxxer:HikariCP to the class path, or give JdbcLocks.over a"
                  .formatted(LockUris.redact(url))
              + " DataSource of your own",
          null,
          null,
          Dialects.backend(url));
    }
  }
}
