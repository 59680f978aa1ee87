package dev.holdfast.lock.testkit.spi;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClientEnvironment;
import dev.holdfast.lock.spi.HoldSink;
import dev.holdfast.lock.spi.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * An engine's place, without the engine: keeps what a backend says of its claims.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class TestContext implements BackendContext, HoldSink, AutoCloseable {

  /**
   * The last renewal that was told of a claim.
   *
   * @param validFor as told
   * @param asOf as told
   */
  public record Renewed(Duration validFor, long asOf) {}

  /** The last renewal of each claim that one was told of. */
  public final Map<Claim, Renewed> renewed = new ConcurrentHashMap<>();

  /** Why it is gone, for each claim of which that was told. */
  public final Map<Claim, LossReason> gone = new ConcurrentHashMap<>();

  /**
   * All that was told, in its order: {@code renewed <id> <asOf in ms>}, {@code gone <id> <reason>}.
   */
  public final List<String> answers = new CopyOnWriteArrayList<>();

  private final LockClientOptions options;
  private final ClientEnvironment environment;
  private final Runnable end;
  private final AtomicInteger claims = new AtomicInteger();

  private TestContext(LockClientOptions options, ClientEnvironment environment, Runnable end) {
    this.options = options;
    this.environment = environment;
    this.end = end;
  }

  /**
   * With the JVM's clock, and threads of its own.
   *
   * @param options of the client that it stands for
   */
  public TestContext(LockClientOptions options) {
    this(options, Executors.newScheduledThreadPool(1), Executors.newCachedThreadPool());
  }

  private TestContext(
      LockClientOptions options, ScheduledExecutorService timer, ExecutorService workers) {
    this(
        options,
        new ClientEnvironment(System::nanoTime, timer, workers, workers, new Random(), false),
        () -> {
          timer.shutdownNow();
          workers.shutdownNow();
        });
  }

  /**
   * In a world of the test's own.
   *
   * @param environment such as that of {@code VirtualTime}; stays when this is closed
   * @param description of the client that it stands for, which is its id, too
   */
  public TestContext(ClientEnvironment environment, String description) {
    this(LockClientOptions.builder().description(description).build(), environment, () -> {});
  }

  /**
   * A claim of this client.
   *
   * @param name of the lock
   * @return a claim that waits, with a lease of 10 s, a patience of 200 ms, and the client's id
   *     with its number for an id
   */
  public TestClaim claim(String name) {
    return TestClaim.of(name, Duration.ofSeconds(10), clientId(), claims.incrementAndGet());
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
    return options.description().orElse("test");
  }

  @Override
  public void renewed(Claim claim, Duration validFor, long asOf) {
    renewed.put(claim, new Renewed(validFor, asOf));
    answers.add("renewed " + claim.id() + " " + Duration.ofNanos(asOf).toMillis());
  }

  @Override
  public void gone(Claim claim, LossReason reason) {
    gone.put(claim, reason);
    answers.add("gone " + claim.id() + " " + reason);
  }

  @Override
  public void close() {
    end.run();
  }
}
