package dev.holdfast.lock.examples;

import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockBackendProvider;
import dev.holdfast.lock.testkit.memory.MemoryLocks;
import java.util.Set;

/** Locks that exclude nobody in another process: what the demo must not take for locks. */
public final class SeparateLocks implements LockBackendProvider {

  @Override
  public Set<String> schemes() {
    return Set.of("separate");
  }

  @Override
  public LockBackendFactory factory(String uri) {
    return new MemoryLocks().factory("memory:" + uri);
  }
}
