package dev.holdfast.lock;

import dev.holdfast.lock.internal.Clients;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockCapabilities;

/**
 * The way in: one per application and store.
 *
 * <pre>{@code
 * LockClient locks = LockClient.connect("jdbc:postgresql://localhost/app?user=app&password=...");
 * DistributedLock lock = locks.lock("nightly-report");
 * try (LockHandle held = lock.acquire()) {
 *   held.onLost(loss -> report.cancel());
 *   store.save(report, held.fencingToken());
 * }
 * }</pre>
 *
 * <p><b>Promise.</b> Two clients are two competitors, also inside one JVM.
 *
 * <p><b>Threads.</b> Safe for concurrent use. Has a timer thread and as many others as callbacks
 * and blocking calls need at a time, all of them daemons, none before it is used.
 *
 * <p><b>Memory.</b> As for {@link LockHandle}.
 */
public interface LockClient extends AutoCloseable {

  /**
   * Opens a client with default options on the store at {@code uri}, found by its scheme among the
   * backends on the class path: {@code jdbc:}, {@code redis://}, {@code zookeeper://}, {@code
   * etcd://}, {@code pulsar://}, {@code memory:}.
   *
   * <p>Does not wait for the store: one that is away is reported by the first acquire.
   *
   * @throws LockConfigurationException if no backend serves the scheme (the message lists those
   *     that were found, and the artifact to add), or the URI is malformed
   */
  @CheckReturnValue
  static LockClient connect(String uri) {
    return connect(uri, LockClientOptions.defaults());
  }

  /**
   * The same as {@link #connect(String)} with options.
   *
   * @throws LockConfigurationException if no backend serves the scheme, or the URI is malformed
   * @throws IllegalArgumentException if the options cannot work, or not on this store
   */
  @CheckReturnValue
  static LockClient connect(String uri, LockClientOptions options) {
    return Clients.connect(uri, options);
  }

  /**
   * Opens a client over a backend given in code, usually one that uses a native client of the
   * application: {@code LockClient.over(JdbcLocks.over(dataSource))}.
   */
  @CheckReturnValue
  static LockClient over(LockBackendFactory backend) {
    return over(backend, LockClientOptions.defaults());
  }

  /**
   * The same as {@link #over(LockBackendFactory)} with options.
   *
   * @throws LockConfigurationException if the backend can never work as configured
   * @throws IllegalArgumentException if the options cannot work, or not on this store
   */
  @CheckReturnValue
  static LockClient over(LockBackendFactory backend, LockClientOptions options) {
    return Clients.over(backend, options);
  }

  /**
   * The lock of this name, with the client's options. Cheap, no I/O.
   *
   * @param name any Unicode string of 1 to 255 code points, taken verbatim: distinct names are
   *     distinct locks
   * @throws IllegalArgumentException if the name is empty, too long, has an unpaired surrogate, or
   *     cannot be represented by this store
   */
  @CheckReturnValue
  default DistributedLock lock(String name) {
    return lock(name, LockOptions.defaults());
  }

  /**
   * The lock of this name, with options of its own. Cheap, no I/O.
   *
   * @throws IllegalArgumentException for a name as in {@link #lock(String)}, or for options that
   *     cannot survive two failed renewals or do not suit this store; names the numbers
   */
  @CheckReturnValue
  DistributedLock lock(String name, LockOptions options);

  /**
   * A participant in the election of this name. To be started; close it, or the client.
   *
   * @throws IllegalArgumentException for a name as in {@link #lock(String)}
   */
  @CheckReturnValue
  default LeaderLatch leaderLatch(String name) {
    return leaderLatch(name, LatchOptions.defaults());
  }

  /**
   * A participant in the election of this name, with options.
   *
   * @throws IllegalArgumentException as in {@link #lock(String, LockOptions)}
   */
  @CheckReturnValue
  LeaderLatch leaderLatch(String name, LatchOptions options);

  /** What the store can do. */
  LockCapabilities capabilities();

  /**
   * Tells all holders that they lose their locks ({@link LossReason#CLIENT_CLOSED}), waits for
   * their listeners, releases everything at the store, and gives back all that the client has
   * opened. Ends within {@link LockClientOptions#closeTimeout()} with the store gone; closes
   * nothing that the application lent it. Waiting acquires throw {@link IllegalStateException}.
   * Idempotent.
   */
  @Override
  void close();
}
