package dev.holdfast.lock.testkit.tiny;

import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockBackendProvider;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Set;

/** Finds the backend of {@link TinyServer} by {@code tiny://host:port}. */
public final class TinyLocks implements LockBackendProvider {

  @Override
  public Set<String> schemes() {
    return Set.of("tiny");
  }

  @Override
  public LockBackendFactory factory(String uri) {
    URI parsed = URI.create(uri);
    return context ->
        new TinyBackend(new InetSocketAddress(parsed.getHost(), parsed.getPort()), context);
  }
}
