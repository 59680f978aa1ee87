package dev.holdfast.lock.testkit;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits in tests for something to become true, by polling, under one scalable timeout.
 *
 * <p><b>Promise.</b> Returns soon after the condition holds (it is asked every 1 to 20 ms) and
 * fails with an {@link AssertionError} that names what was awaited once the limit has passed. Every
 * limit is multiplied by the factor in the system property {@value #FACTOR_PROPERTY}, or else in
 * the environment variable {@value #FACTOR_VARIABLE} (default 1), so that a slow machine needs one
 * setting and no changed test. A factor that is not a positive number is refused. What comes only
 * after six tenths of its limit is logged at WARN: on a machine a bit slower it would have failed.
 *
 * <p><b>Threads.</b> Stateless; the condition runs on the calling thread.
 */
public final class Await {

  /** The system property that holds the factor for all limits. */
  public static final String FACTOR_PROPERTY = "holdfast.test.timeoutFactor";

  /** The environment variable that holds the factor where the property is not set. */
  public static final String FACTOR_VARIABLE = "HOLDFAST_TEST_TIMEOUT_FACTOR";

  private static final Logger log = LoggerFactory.getLogger(Await.class);

  private static final long FIRST_PARK = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONGEST_PARK = TimeUnit.MILLISECONDS.toNanos(20);

  private Await() {}

  /** Something that holds or does not hold yet; an exception means "not yet". */
  @FunctionalInterface
  public interface Condition {

    /**
     * Looks once, without waiting long.
     *
     * @return whether the awaited state is there
     * @throws Exception if that cannot be told now; the wait goes on
     */
    boolean holds() throws Exception;
  }

  /**
   * Waits until {@code condition} holds.
   *
   * @param what completes the sentence "timed out waiting for ..."
   * @param limit before scaling, measured on the monotonic clock; zero asks once
   * @param condition asked at least once; what it throws (assertion errors included) means "not
   *     yet" and becomes the cause of the failure if it is the last answer
   * @throws AssertionError if the limit passed or the thread was interrupted (the flag stays set)
   */
  public static void until(String what, Duration limit, Condition condition) {
    value(what, limit, () -> condition.holds() ? Optional.of(true) : Optional.empty());
  }

  /**
   * Waits until {@code source} yields a value.
   *
   * @param what completes the sentence "timed out waiting for ..."
   * @param limit before scaling, measured on the monotonic clock; zero asks once
   * @param source asked at least once; an exception or an empty answer means "not yet"
   * @param <T> the type of the value
   * @return the first value
   * @throws AssertionError if the limit passed or the thread was interrupted (the flag stays set)
   */
  public static <T> T value(String what, Duration limit, Callable<Optional<T>> source) {
    long start = System.nanoTime();
    long nanos = scaled(limit).toNanos();
    long park = FIRST_PARK;
    while (true) {
      Throwable failure = null;
      try {
        Optional<T> value = source.call();
        if (value.isPresent()) {
          noteIfNear(what, System.nanoTime() - start, nanos);
          return value.get();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception | AssertionError e) {
        failure = e;
      }
      long waited = System.nanoTime() - start;
      if (Thread.currentThread().isInterrupted()) {
        throw failed("interrupted", what, waited, failure);
      }
      if (waited >= nanos) {
        throw failed("timed out", what, waited, failure);
      }
      LockSupport.parkNanos(Math.min(park, nanos - waited));
      park = Math.min(park * 2, LONGEST_PARK);
    }
  }

  /**
   * The limit that is really waited for.
   *
   * @param limit as the test states it
   * @return {@code limit} times the factor
   * @throws IllegalArgumentException if the factor is set and not a positive number
   */
  public static Duration scaled(Duration limit) {
    return Duration.ofNanos((long) (limit.toNanos() * factor()));
  }

  private static double factor() {
    String text = System.getProperty(FACTOR_PROPERTY, System.getenv(FACTOR_VARIABLE));
    if (text == null || text.isBlank()) {
      return 1;
    }
    try {
      double factor = Double.parseDouble(text.strip());
      if (factor > 0 && factor < 1_000_000) {
        return factor;
      }
    } catch (NumberFormatException e) {
      // refused below, like every other bad value
    }
    throw new IllegalArgumentException(
        FACTOR_PROPERTY + " must be a number above 0, but is '" + text + "'");
  }

  private static void noteIfNear(String what, long waited, long limit) {
    if (limit > 0 && waited > limit / 10 * 6) {
      log.warn("near its limit: {} came after {} of {} ms", what, millis(waited), millis(limit));
    }
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  private static AssertionError failed(
      String how, String what, long waited, @Nullable Throwable cause) {
    String last = cause == null ? "" : "; the last look failed with " + cause;
    return new AssertionError(
        how + " after " + millis(waited) + " ms waiting for " + what + last, cause);
  }
}
