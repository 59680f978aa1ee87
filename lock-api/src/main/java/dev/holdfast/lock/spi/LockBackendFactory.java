package dev.holdfast.lock.spi;

/** Opens a backend for one client: what a backend's public factory class returns. */
@FunctionalInterface
public interface LockBackendFactory {

  /**
   * Opens the backend. Does no I/O that could fail because the store is away: a client may be made
   * before its store is up.
   *
   * @throws dev.holdfast.lock.LockConfigurationException if this can never work
   * @throws IllegalArgumentException if the client's options do not suit this store
   */
  LockBackend open(BackendContext context);
}
