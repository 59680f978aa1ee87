package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockBackendProvider;
import java.util.Set;

/**
 * Finds this backend for {@code jdbc:} URLs. Public only because {@code ServiceLoader} wants it.
 */
public final class JdbcLockProvider implements LockBackendProvider {

  /** For {@code ServiceLoader}. */
  public JdbcLockProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of("jdbc");
  }

  @Override
  public LockBackendFactory factory(String uri) {
    return JdbcLocks.at(uri);
  }
}
