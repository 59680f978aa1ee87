package dev.holdfast.lock.testkit;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClientEnvironment;
import dev.holdfast.lock.spi.HoldSink;
import dev.holdfast.lock.spi.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Stands in for the engine where a backend is tested by itself: writes down what it is told. */
public final class FakeContext implements BackendContext, HoldSink {

  /** What came into the sink, as {@code renewed <id> <asOf ms>} and {@code gone <id> <reason>}. */
  public final List<String> answers = new ArrayList<>();

  private final ClientEnvironment environment;
  private final LockClientOptions options;
  private int claims;

  public FakeContext(VirtualTime time, String description) {
    this.environment = time.environment();
    this.options = LockClientOptions.builder().description(description).build();
  }

  public FakeClaim claim(String name, boolean queue) {
    return new FakeClaim(
        clientId() + "-" + ++claims, name, Duration.ofSeconds(10), clientId(), queue);
  }

  /** A claim with a lease of 10 s. */
  public static final class FakeClaim implements Claim {
    private final String id;
    private final String name;
    private final Duration lease;
    private final String description;
    private final boolean queue;
    private @Nullable Object attachment;

    FakeClaim(String id, String name, Duration lease, String description, boolean queue) {
      this.id = id;
      this.name = name;
      this.lease = lease;
      this.description = description;
      this.queue = queue;
    }

    @Override
    public String id() {
      return id;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Duration lease() {
      return lease;
    }

    @Override
    public String description() {
      return description;
    }

    @Override
    public boolean queue() {
      return queue;
    }

    @Override
    public Duration patience() {
      return Duration.ofMillis(200);
    }

    @Override
    public @Nullable Object attachment() {
      return attachment;
    }

    @Override
    public void attach(@Nullable Object value) {
      attachment = value;
    }
  }

  @Override
  public void renewed(Claim claim, Duration validFor, long asOf) {
    answers.add("renewed " + claim.id() + " " + Duration.ofNanos(asOf).toMillis());
  }

  @Override
  public void gone(Claim claim, LossReason reason) {
    answers.add("gone " + claim.id() + " " + reason);
  }

  @Override
  public Ticker ticker() {
    return environment.ticker();
  }

  @Override
  public ScheduledExecutorService timer() {
    return environment.timer();
  }

  @Override
  public Executor workers() {
    return environment.workers();
  }

  @Override
  public RandomGenerator random() {
    return environment.random();
  }

  @Override
  public HoldSink holds() {
    return this;
  }

  @Override
  public LockClientOptions options() {
    return options;
  }

  @Override
  public String clientId() {
    return options.description().orElseThrow();
  }
}
