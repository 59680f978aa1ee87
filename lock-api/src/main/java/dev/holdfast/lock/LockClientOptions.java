package dev.holdfast.lock;

import static dev.holdfast.lock.Checks.positive;

import dev.holdfast.lock.spi.ClientEnvironment;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * How a client works. The defaults are safe without reading.
 *
 * @param lockDefaults what locks of this client have where their own {@link LockOptions} say
 *     nothing. On stores with sessions (ZooKeeper, etcd) the lease here is the session's
 * @param prefix put before every name at the store, verbatim. Default: empty
 * @param description who this client is, for people who look at the store or at a timeout's
 *     message. At most 200 characters. Default: {@code host/pid}
 * @param operationTimeout the longest that a single request to the store is waited for. Default 5 s
 * @param pollInterval the longest that a waiter goes without asking the store: what a lost wake-up
 *     costs (CONTRACT.md, W3). Default 1 s. A store that wakes nobody is asked far more often: from
 *     every 2 ms behind short holds to four times per interval behind long ones
 * @param closeTimeout the longest that {@link LockClient#close()} takes. Default 5 s
 * @param clockJumps what to do about a jump of the wall clock on a host that has no clock which
 *     counts suspended time. Default {@link ClockJumps#IGNORE}
 * @param leakDetection whether to record where each lock was acquired, for the warning about a
 *     handle that was dropped without a release. Costs a stack trace per acquire. Default false
 * @param callbackExecutor runs listeners; must not refuse tasks, nor run them one after another. By
 *     default the client's own threads, as many as are needed
 * @param observer sees all that the client does. Default: none
 * @param environment time, threads and chance, for tests. Default: the real ones
 */
public record LockClientOptions(
    LockOptions lockDefaults,
    String prefix,
    Optional<String> description,
    Duration operationTimeout,
    Duration pollInterval,
    Duration closeTimeout,
    ClockJumps clockJumps,
    boolean leakDetection,
    Optional<Executor> callbackExecutor,
    LockObserver observer,
    Optional<ClientEnvironment> environment) {

  private static final Duration DEFAULT_LEASE = Duration.ofSeconds(15);
  private static final int MAX_DESCRIPTION = 200;

  /**
   * What a jump of the wall clock against the monotonic clock means where nothing else can tell a
   * suspended host from a clock that was set. On Linux this is never asked: {@code /proc/uptime}
   * tells.
   */
  public enum ClockJumps {
    /** The clock was set. A host that was suspended may believe for a while that it still holds. */
    IGNORE,
    /** The host was suspended. Setting the clock forward then costs the locks. */
    SUSPENDED
  }

  /**
   * Checks the durations and the description.
   *
   * @throws IllegalArgumentException if a duration is not positive, or longer than 100 years, or
   *     the description is empty or longer than 200 characters
   */
  public LockClientOptions {
    positive("operationTimeout", operationTimeout);
    positive("pollInterval", pollInterval);
    positive("closeTimeout", closeTimeout);
    description.ifPresent(LockClientOptions::checkDescription);
  }

  private static void checkDescription(String value) {
    if (value.isEmpty() || value.length() > MAX_DESCRIPTION) {
      throw new IllegalArgumentException(
          "description must have 1 to %d characters, not %d"
              .formatted(MAX_DESCRIPTION, value.length()));
    }
  }

  /** The lease of this client's locks, unless their own options say otherwise. */
  public Duration lease() {
    return lockDefaults.lease().orElse(DEFAULT_LEASE);
  }

  /** Everything at its default. */
  public static LockClientOptions defaults() {
    return builder().build();
  }

  /** A builder with everything at its default. */
  public static Builder builder() {
    return new Builder();
  }

  /** Sets what a {@link LockClientOptions} holds. Not thread-safe. */
  public static final class Builder {

    private final LockOptions.Builder lockDefaults = LockOptions.builder();
    private String prefix = "";
    private Optional<String> description = Optional.empty();
    private Duration operationTimeout = Duration.ofSeconds(5);
    private Duration pollInterval = Duration.ofSeconds(1);
    private Duration closeTimeout = Duration.ofSeconds(5);
    private ClockJumps clockJumps = ClockJumps.IGNORE;
    private boolean leakDetection;
    private Optional<Executor> callbackExecutor = Optional.empty();
    private LockObserver observer = LockObserver.NONE;
    private Optional<ClientEnvironment> environment = Optional.empty();

    private Builder() {}

    /** See {@link LockOptions#lease()}. */
    public Builder lease(Duration value) {
      lockDefaults.lease(value);
      return this;
    }

    /** See {@link LockOptions#renewEvery()}. */
    public Builder renewEvery(Duration value) {
      lockDefaults.renewEvery(value);
      return this;
    }

    /** See {@link LockOptions#margin()}. */
    public Builder margin(Duration value) {
      lockDefaults.margin(value);
      return this;
    }

    /** See {@link LockOptions#maxHold()}. */
    public Builder maxHold(Duration value) {
      lockDefaults.maxHold(value);
      return this;
    }

    /** See {@link LockClientOptions#prefix()}. */
    public Builder prefix(String value) {
      prefix = value;
      return this;
    }

    /**
     * See {@link LockClientOptions#description()}.
     *
     * @throws IllegalArgumentException if empty or longer than 200 characters
     */
    public Builder description(String value) {
      checkDescription(value);
      description = Optional.of(value);
      return this;
    }

    /**
     * See {@link LockClientOptions#operationTimeout()}.
     *
     * @throws IllegalArgumentException if not positive, or longer than 100 years
     */
    public Builder operationTimeout(Duration value) {
      operationTimeout = positive("operationTimeout", value);
      return this;
    }

    /**
     * See {@link LockClientOptions#pollInterval()}.
     *
     * @throws IllegalArgumentException if not positive, or longer than 100 years
     */
    public Builder pollInterval(Duration value) {
      pollInterval = positive("pollInterval", value);
      return this;
    }

    /**
     * See {@link LockClientOptions#closeTimeout()}.
     *
     * @throws IllegalArgumentException if not positive, or longer than 100 years
     */
    public Builder closeTimeout(Duration value) {
      closeTimeout = positive("closeTimeout", value);
      return this;
    }

    /** See {@link LockClientOptions#clockJumps()}. */
    public Builder clockJumps(ClockJumps value) {
      clockJumps = value;
      return this;
    }

    /** See {@link LockClientOptions#leakDetection()}. */
    public Builder leakDetection(boolean value) {
      leakDetection = value;
      return this;
    }

    /** See {@link LockClientOptions#callbackExecutor()}; never shut down by the client. */
    public Builder callbackExecutor(Executor value) {
      callbackExecutor = Optional.of(value);
      return this;
    }

    /** See {@link LockClientOptions#observer()}. */
    public Builder observer(LockObserver value) {
      observer = value;
      return this;
    }

    /** See {@link LockClientOptions#environment()}; never shut down by the client. */
    public Builder environment(ClientEnvironment value) {
      environment = Optional.of(value);
      return this;
    }

    /** The options as set so far. */
    public LockClientOptions build() {
      return new LockClientOptions(
          lockDefaults.build(),
          prefix,
          description,
          operationTimeout,
          pollInterval,
          closeTimeout,
          clockJumps,
          leakDetection,
          callbackExecutor,
          observer,
          environment);
    }
  }
}
