package dev.holdfast.lock.testkit.contract;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.spi.LockCapabilities;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What every part of the contract finds at hand. Implemented by {@link Contract}; each part is an
 * interface whose tests are default methods, so that a class can be made of several parts.
 *
 * <p>Whatever a test opens here is closed after it, and then nothing of it may be left: no thread,
 * nothing at the store. Every handle that comes from a {@link TestClient} is watched: two that are
 * held at once, or tokens that do not increase, fail the test however it was meant.
 */
public interface ContractTest {

  /** The store under test. */
  LockFixture fixture();

  /** What the store can do. */
  LockCapabilities capabilities();

  /** The lease that the tests work with. */
  Duration lease();

  /** How long the tests' clients wait for one answer of the store. */
  default Duration patience() {
    return fixture().patience();
  }

  /** What may be added to every limit: 500 ms, scaled for slow machines. */
  Duration grace();

  /**
   * The options that clients get if the test does not say otherwise: the fixture's lease, and
   * timeouts short enough for a test.
   */
  LockClientOptions.Builder options();

  /** A client of its own connection, closed after the test. */
  TestClient client();

  /** The same with options, to which a description is added. */
  TestClient client(LockClientOptions.Builder options);

  /** A name that no other test uses; the same throughout a test. */
  String name();

  /** Another such name. */
  String name(String suffix);

  /** Deletes who holds {@code name}, as an operator would; its holder cannot be told first. */
  void deleteRecord(String name) throws Exception;

  /** Runs {@code work} on a thread of its own, which is interrupted when the test ends. */
  <T> Future<T> start(Callable<T> work);

  /** Prints a line for {@code ./verify}: {@code [kind] backend text}. */
  void report(String kind, String text);

  /**
   * Skips the rest of the test unless {@code present}, and says so in a line for {@code ./verify}.
   *
   * @param rule the number of the rule that cannot be tested
   * @param what is missing: completes "the backend lacks ..."
   */
  void requires(boolean present, String rule, String what);

  /** The least margin for the tests' lease (CONTRACT.md, A8). */
  default Duration margin() {
    return margin(lease());
  }

  /** The margin for {@code lease}: the larger of 200 ms and a tenth of it. */
  static Duration margin(Duration lease) {
    Duration tenth = lease.dividedBy(10);
    Duration least = Duration.ofMillis(200);
    return tenth.compareTo(least) > 0 ? tenth : least;
  }

  /** How often a lock of the tests' lease is renewed if nothing else is said. */
  default Duration renewalPeriod() {
    return fixture().trust().minus(margin()).dividedBy(4);
  }

  /** How long ago this instant of {@link System#nanoTime()} was. */
  static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** Lets time pass: only for what must <em>not</em> happen meanwhile. */
  static void pass(Duration duration) {
    long start = System.nanoTime();
    while (since(start).compareTo(duration) < 0) {
      LockSupport.parkNanos(Math.max(1, duration.minus(since(start)).toNanos()));
      if (Thread.currentThread().isInterrupted()) {
        throw new AssertionError("interrupted");
      }
    }
  }

  /** What {@code work} returned, or the exception that it threw. */
  static <T> T get(Future<T> work) throws Exception {
    try {
      return work.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw new AssertionError(e.getCause());
    }
  }
}
