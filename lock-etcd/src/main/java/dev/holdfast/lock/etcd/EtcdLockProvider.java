package dev.holdfast.lock.etcd;

import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockBackendProvider;
import java.util.Set;

/**
 * Finds this backend for {@code etcd:} URIs. Public only because {@code ServiceLoader} wants it.
 */
public final class EtcdLockProvider implements LockBackendProvider {

  /** For {@code ServiceLoader}. */
  public EtcdLockProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of("etcd", "etcds");
  }

  @Override
  public LockBackendFactory factory(String uri) {
    return EtcdLocks.at(uri);
  }
}
