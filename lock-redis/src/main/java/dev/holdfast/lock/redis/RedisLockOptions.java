package dev.holdfast.lock.redis;

import java.time.Duration;
import java.util.Optional;

/**
 * How locks are kept in Redis. The defaults are safe without reading.
 *
 * <p>In a URI the same settings are parameters that start with {@code holdfast.}, which Lettuce
 * never sees: {@code redis://host/0?holdfast.maxLease=PT30S&holdfast.minReplicas=1}.
 *
 * @param maxLease the longest lease that any client of this store uses, 500 ms to 1 day: one longer
 *     is refused. A server that has run for less grants nothing that is not held already, for it
 *     may have lost locks with its memory whose holders trust them still. All clients that compete
 *     should name the same. Default: the client's own default lease. A single lock with a longer
 *     one is then not refused but granted only by a server that is older than that lease, which all
 *     who ask for that name must use, and its scripts ask for the server's age each time
 * @param minReplicas how many replicas must have confirmed an acquisition and each renewal before
 *     they count, 0 to 100. One more makes the loss of a master survivable, and costs a trip to the
 *     replicas each time. Not in a cluster. Default 0
 * @param cluster whether the URI leads to a cluster. Default: true if it names several hosts. A
 *     client that the application lends is what it is
 */
public record RedisLockOptions(Optional<Duration> maxLease, int minReplicas, boolean cluster) {

  static final Duration SHORTEST_LEASE = Duration.ofMillis(500);

  static final Duration LONGEST_LEASE = Duration.ofDays(1);

  /**
   * Refuses what cannot work.
   *
   * @throws IllegalArgumentException if maxLease or minReplicas is out of range, or replicas are
   *     asked for in a cluster
   */
  public RedisLockOptions {
    maxLease.ifPresent(
        longest -> {
          if (longest.compareTo(SHORTEST_LEASE) < 0 || longest.compareTo(LONGEST_LEASE) > 0) {
            throw new IllegalArgumentException("maxLease must be 500 ms to 1 day: " + longest);
          }
        });
    if (minReplicas < 0 || minReplicas > 100) {
      throw new IllegalArgumentException("minReplicas must be 0 to 100: " + minReplicas);
    }
    if (cluster && minReplicas > 0) {
      throw new IllegalArgumentException(
          "minReplicas (%d) is not supported in a cluster; set min-replicas-to-write there"
              .formatted(minReplicas));
    }
  }

  /** Everything at its default. */
  public static RedisLockOptions defaults() {
    return builder().build();
  }

  /** A builder with everything at its default. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder with everything as it is here. */
  Builder change() {
    Builder builder = builder();
    builder.maxLease = maxLease;
    builder.minReplicas = minReplicas;
    builder.cluster = cluster;
    return builder;
  }

  /** Sets what a {@link RedisLockOptions} holds. Not thread-safe. */
  public static final class Builder {

    private Optional<Duration> maxLease = Optional.empty();
    private int minReplicas;
    private boolean cluster;

    private Builder() {}

    /** See {@link RedisLockOptions#maxLease()}. */
    public Builder maxLease(Duration value) {
      maxLease = Optional.of(value);
      return this;
    }

    /** See {@link RedisLockOptions#minReplicas()}. */
    public Builder minReplicas(int value) {
      minReplicas = value;
      return this;
    }

    /** See {@link RedisLockOptions#cluster()}. */
    public Builder cluster(boolean value) {
      cluster = value;
      return this;
    }

    /**
     * The options as set so far.
     *
     * @throws IllegalArgumentException if one of them cannot work
     */
    public RedisLockOptions build() {
      return new RedisLockOptions(maxLease, minReplicas, cluster);
    }
  }
}
