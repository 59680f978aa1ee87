package dev.holdfast.lock.redis;

import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockBackendProvider;
import java.util.Set;

/** Finds this backend for the URIs of Redis. Public only because {@code ServiceLoader} wants it. */
public final class RedisLockProvider implements LockBackendProvider {

  /** For {@code ServiceLoader}. */
  public RedisLockProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of("redis", "rediss", "redis+ssl", "redis+tls", "redis-sentinel", "rediss-sentinel");
  }

  @Override
  public LockBackendFactory factory(String uri) {
    return RedisLocks.at(uri);
  }
}
