package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.spi.LockBackendFactory;

/** Makes clients. */
public final class Clients {

  private Clients() {}

  /** See {@link LockClient#connect(String, LockClientOptions)}. */
  public static LockClient connect(String uri, LockClientOptions options) {
    throw new UnsupportedOperationException(uri);
  }

  /** See {@link LockClient#over(LockBackendFactory, LockClientOptions)}. */
  public static LockClient over(LockBackendFactory backend, LockClientOptions options) {
    throw new UnsupportedOperationException(String.valueOf(backend));
  }
}
