package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockBackendProvider;
import java.util.Set;

/**
 * Finds this backend for {@code zookeeper:} URIs. Public only because {@code ServiceLoader} wants
 * it.
 */
public final class ZooKeeperLockProvider implements LockBackendProvider {

  /** For {@code ServiceLoader}. */
  public ZooKeeperLockProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of("zookeeper");
  }

  @Override
  public LockBackendFactory factory(String uri) {
    return ZooKeeperLocks.at(uri);
  }
}
