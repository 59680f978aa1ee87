package dev.holdfast.lock.testkit.fault;

import dev.holdfast.lock.spi.BackendFailure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What happens to one request and its answer.
 *
 * @param loseRequest the store never sees it, and no answer comes
 * @param requestDelay how much later the store sees it
 * @param duplicate the store sees it twice; the second answer is dropped
 * @param loseReply the store does it, and nobody hears of that
 * @param replyDelay how much later the answer comes
 * @param failure answered by the driver in the store's place; the store never sees it
 */
public record Fault(
    boolean loseRequest,
    Duration requestDelay,
    boolean duplicate,
    boolean loseReply,
    Duration replyDelay,
    @Nullable BackendFailure failure) {

  /** No fault. */
  public static final Fault NONE =
      new Fault(false, Duration.ZERO, false, false, Duration.ZERO, null);

  /** The request is lost. */
  public static Fault loseTheRequest() {
    return new Fault(true, Duration.ZERO, false, false, Duration.ZERO, null);
  }

  /** The answer is lost. */
  public static Fault loseTheReply() {
    return new Fault(false, Duration.ZERO, false, true, Duration.ZERO, null);
  }

  /** The request is late. */
  public static Fault delayTheRequest(Duration by) {
    return new Fault(false, by, false, false, Duration.ZERO, null);
  }

  /** The answer is late. */
  public static Fault delayTheReply(Duration by) {
    return new Fault(false, Duration.ZERO, false, false, by, null);
  }

  /** The request reaches the store twice. */
  public static Fault duplicated() {
    return new Fault(false, Duration.ZERO, true, false, Duration.ZERO, null);
  }

  /** The driver reports that the store is away; it may come back. */
  public static Fault fail(String message) {
    return fail(BackendFailure.transientFailure(message, null));
  }

  /** The driver reports {@code failure}. */
  public static Fault fail(BackendFailure failure) {
    return new Fault(false, Duration.ZERO, false, false, Duration.ZERO, failure);
  }
}
