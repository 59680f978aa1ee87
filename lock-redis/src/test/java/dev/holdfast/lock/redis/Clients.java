package dev.holdfast.lock.redis;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.spi.LockBackendFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The clients of one test, closed after it. */
final class Clients implements AutoCloseable {

  static final Duration LEASE = Duration.ofSeconds(2);

  private final List<LockClient> open = new ArrayList<>();

  static LockClientOptions.Builder options() {
    return LockClientOptions.builder()
        .lease(LEASE)
        .operationTimeout(Duration.ofSeconds(1))
        .closeTimeout(Duration.ofSeconds(3));
  }

  LockClient at(String uri) {
    return over(RedisLocks.at(uri), options());
  }

  LockClient over(LockBackendFactory factory, LockClientOptions.Builder options) {
    LockClient client =
        LockClient.over(factory, options.description("client-" + (open.size() + 1)).build());
    open.add(client);
    return client;
  }

  @Override
  public void close() {
    open.forEach(LockClient::close);
  }
}
