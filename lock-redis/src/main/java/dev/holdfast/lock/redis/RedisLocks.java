package dev.holdfast.lock.redis;

import dev.holdfast.lock.spi.LockBackendFactory;
import io.lettuce.core.RedisClient;
import io.lettuce.core.cluster.RedisClusterClient;

/**
 * Locks in Redis 6.2 or newer, or Valkey: {@code LockClient.connect("redis://host")}, or {@code
 * LockClient.over(RedisLocks.over(redisClient))}.
 *
 * <p>A lock is a key: {@code SET <name> <claim id> NX PX <lease>}, which any other program that
 * uses {@code SET NX} on the same key respects, and is respected by. A waiting client stands in a
 * queue at the server, and a release hands the lock to the first of it that is alive, by one
 * message to that client alone: an acquire and a release are one command each, however many clients
 * wait.
 *
 * <p>Every client opens three connections, however many locks it has (four with {@code
 * minReplicas}, in a cluster as many per node): for claims and releases, for renewals, and for
 * messages.
 *
 * <p><b>When a loss cannot be told first</b> (CONTRACT.md, L1). Redis counts leases by its wall
 * clock: a step forward ends them early. An operator may delete the key ({@code DEL}, {@code
 * FLUSHALL}), or the server evict it: use {@code noeviction}. Replication is asynchronous: a
 * replica that is promoted may lack the last grants and renewals, unless {@link
 * RedisLockOptions#minReplicas()} were asked to confirm them. A server that comes back with old
 * data may lack them as well; with {@code appendfsync everysec} those of the last second; {@link
 * RedisLockOptions#maxLease()} covers a server that comes back. In all of these the holder is told
 * at its next renewal, and the fencing token is the protection: the server's clock in microseconds,
 * or the last token and one, if that is more. It is as durable as the server's data and as right as
 * its clock ({@code BEST_EFFORT}).
 */
public final class RedisLocks {

  private RedisLocks() {}

  /** Locks over the application's {@code RedisClient}, which must have a URI of its own. */
  public static LockBackendFactory over(RedisClient client) {
    return over(client, RedisLockOptions.defaults());
  }

  /**
   * Locks over the application's {@code RedisClient}, which must have a URI of its own (a server's,
   * or its Sentinels'). It is never closed and keeps its options; our connections are its own kind.
   */
  public static LockBackendFactory over(RedisClient client, RedisLockOptions options) {
    return context -> new RedisBackend(LentServers.of(client, context), options, context);
  }

  /** Locks over the application's {@code RedisClusterClient}, with default options. */
  public static LockBackendFactory over(RedisClusterClient client) {
    return over(client, RedisLockOptions.defaults());
  }

  /**
   * Locks over the application's {@code RedisClusterClient}. It is never closed and keeps its
   * options: without topology refresh it does not find the successor of a master that has died.
   *
   * @throws IllegalArgumentException if {@code minReplicas} are asked for
   */
  public static LockBackendFactory over(RedisClusterClient client, RedisLockOptions options) {
    RedisLockOptions inCluster = options.change().cluster(true).build();
    return context -> new RedisBackend(LentServers.of(client, context), inCluster, context);
  }

  /** Locks in the server, behind the Sentinels, or in the cluster at {@code uri}. */
  public static LockBackendFactory at(String uri) {
    return at(uri, RedisLockOptions.defaults());
  }

  /**
   * Locks in the server, behind the Sentinels, or in the cluster at {@code uri}, over connections
   * that are opened at first use and closed with the client.
   *
   * @param uri as Lettuce writes it: {@code redis://}, {@code rediss://} (TLS), {@code
   *     redis-sentinel://host,host#master}, several hosts for a cluster; parameters that start with
   *     {@code holdfast.} override {@code options}, see {@link RedisLockOptions}
   * @throws dev.holdfast.lock.LockConfigurationException if the URI or a parameter is malformed
   */
  public static LockBackendFactory at(String uri, RedisLockOptions options) {
    RedisUrl url = RedisUrl.parse(uri, options);
    return context ->
        new RedisBackend(
            OwnServers.of(url, context.ticker(), context.options().operationTimeout()),
            url.options(),
            context);
  }
}
