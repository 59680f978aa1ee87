package dev.holdfast.lock.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import java.util.concurrent.ExecutionException;

/**
 * jetcd's own lock with a client at its defaults. Each thread has a lease of its own: under one
 * lease two threads would both be let in.
 */
final class JetcdLock implements Subject {

  private static final long LEASE_SECONDS = 600;

  private final Client client;
  private final ThreadLocal<Long> lease;

  JetcdLock(String endpoint) {
    client = Client.builder().endpoints(endpoint).build();
    lease = ThreadLocal.withInitial(this::grant);
  }

  private Long grant() {
    try {
      return client.getLeaseClient().grant(LEASE_SECONDS).get().getID();
    } catch (ExecutionException | InterruptedException e) {
      throw new IllegalStateException("no lease", e);
    }
  }

  @Override
  public Held acquire(String lock) throws Exception {
    ByteSequence name = ByteSequence.from("jetcd/" + lock, UTF_8);
    ByteSequence key = client.getLockClient().lock(name, lease.get()).get().getKey();
    return () -> client.getLockClient().unlock(key).get() != null;
  }

  @Override
  public void close() {
    client.close();
  }
}
