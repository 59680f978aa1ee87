package dev.holdfast.lock;

import static dev.holdfast.lock.Checks.positive;

import java.time.Duration;
import java.util.Optional;

/**
 * How one lock is held. What is not set comes from the client ({@link LockClientOptions}), and what
 * is not set there from the defaults below.
 *
 * <p>A value that cannot work is refused when the lock is made, never quietly corrected. Immutable.
 *
 * @param lease how long the store keeps the lock for a holder that it does not hear from. Default
 *     15 s. Shorter means that a crashed holder is replaced sooner, and that a shorter outage of
 *     the network costs the lock; range: {@link dev.holdfast.lock.spi.LockCapabilities#minLease()}
 *     to {@code maxLease()}
 * @param renewEvery how often the lease is renewed. Default: a quarter of (lease − margin), so that
 *     two renewals in a row may fail (CONTRACT.md, A8)
 * @param margin how long before the end of its lease a lock counts as lost, so that the holder is
 *     told before the store can grant it to anybody else: it covers the scheduling of one thread
 *     and a difference in the rate of two clocks. Default and least: the larger of 200 ms and a
 *     tenth of the lease
 * @param maxHold after which a held lock is lost with {@link LossReason#MAX_HOLD}, whatever its
 *     holder does: a guard against jobs that hang. Default: none
 */
public record LockOptions(
    Optional<Duration> lease,
    Optional<Duration> renewEvery,
    Optional<Duration> margin,
    Optional<Duration> maxHold) {

  private static final LockOptions DEFAULTS = builder().build();

  /**
   * Checks what is set.
   *
   * @throws IllegalArgumentException if a duration is not positive, or longer than 100 years
   */
  public LockOptions {
    lease.ifPresent(value -> positive("lease", value));
    renewEvery.ifPresent(value -> positive("renewEvery", value));
    margin.ifPresent(value -> positive("margin", value));
    maxHold.ifPresent(value -> positive("maxHold", value));
  }

  /** Everything as the client has it. */
  public static LockOptions defaults() {
    return DEFAULTS;
  }

  /** A builder with nothing set. */
  public static Builder builder() {
    return new Builder();
  }

  /** Sets what a {@link LockOptions} holds. Not thread-safe. */
  public static final class Builder {

    private Optional<Duration> lease = Optional.empty();
    private Optional<Duration> renewEvery = Optional.empty();
    private Optional<Duration> margin = Optional.empty();
    private Optional<Duration> maxHold = Optional.empty();

    private Builder() {}

    /**
     * See {@link LockOptions#lease()}.
     *
     * @throws IllegalArgumentException if not positive, or longer than 100 years
     */
    public Builder lease(Duration value) {
      lease = Optional.of(positive("lease", value));
      return this;
    }

    /**
     * See {@link LockOptions#renewEvery()}.
     *
     * @throws IllegalArgumentException if not positive, or longer than 100 years
     */
    public Builder renewEvery(Duration value) {
      renewEvery = Optional.of(positive("renewEvery", value));
      return this;
    }

    /**
     * See {@link LockOptions#margin()}.
     *
     * @throws IllegalArgumentException if not positive, or longer than 100 years
     */
    public Builder margin(Duration value) {
      margin = Optional.of(positive("margin", value));
      return this;
    }

    /**
     * See {@link LockOptions#maxHold()}.
     *
     * @throws IllegalArgumentException if not positive, or longer than 100 years
     */
    public Builder maxHold(Duration value) {
      maxHold = Optional.of(positive("maxHold", value));
      return this;
    }

    /** The options as set so far. */
    public LockOptions build() {
      return new LockOptions(lease, renewEvery, margin, maxHold);
    }
  }
}
