package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockBackendProvider;
import java.util.Set;

/**
 * Finds this backend for {@code pulsar:} URIs. Public only because {@code ServiceLoader} wants it.
 */
public final class PulsarLockProvider implements LockBackendProvider {

  /** For {@code ServiceLoader}. */
  public PulsarLockProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of("pulsar", "pulsar+ssl", "persistent", "non-persistent");
  }

  @Override
  public LockBackendFactory factory(String uri) {
    return PulsarLocks.at(uri);
  }
}
