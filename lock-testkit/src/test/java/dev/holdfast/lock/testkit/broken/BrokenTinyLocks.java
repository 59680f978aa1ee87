package dev.holdfast.lock.testkit.broken;

import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockBackendProvider;
import dev.holdfast.lock.testkit.broken.Defect.Shared;
import dev.holdfast.lock.testkit.memory.MemoryStore;
import dev.holdfast.lock.testkit.tiny.TinyLocks;
import java.net.URI;
import java.util.Objects;
import java.util.Set;

/** By {@code broken-tiny://host:port?defect}, so that worker processes find it, too. */
public final class BrokenTinyLocks implements LockBackendProvider {

  @Override
  public Set<String> schemes() {
    return Set.of("broken-tiny");
  }

  @Override
  public LockBackendFactory factory(String uri) {
    Defect defect = Defect.valueOf(Objects.requireNonNull(URI.create(uri).getQuery()));
    LockBackendFactory healthy = new TinyLocks().factory(uri);
    Shared none = new Shared(MemoryStore.create());
    return context -> defect.way.open(healthy, context, none);
  }
}
