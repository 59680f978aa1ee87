package dev.holdfast.lock.spi;

import dev.holdfast.lock.LossReason;
import java.time.Duration;

/**
 * Where a backend puts the answers to renewals, claim by claim, and what else it learns of a
 * claim's end.
 *
 * <p>An answer must be about the record on which the claim stands <em>now</em>. A claim that waits,
 * or whose session has ended, is asked anew and may be granted, under another session or over
 * another connection, while an answer about its former record is still on its way. The engine
 * cannot tell that one's end from the new one's: it would be a false alarm, and after {@link
 * LossReason#REVOKED} and {@link LossReason#SESSION_LOST} nothing is taken back at the store.
 *
 * <p>Callable from any thread, also from a driver's event loop: it does no I/O and runs no user
 * code. An answer about a claim that is not held any more is ignored, so a backend need not check.
 * Silence means "unknown" and moves nothing (CONTRACT.md, A2).
 */
public interface HoldSink {

  /**
   * The store has confirmed that the name is still this claim's.
   *
   * @param validFor how long the store keeps it, counted from {@code asOf}
   * @param asOf the {@link Ticker}'s time read before the request was sent that was answered
   */
  void renewed(Claim claim, Duration validFor, long asOf);

  /**
   * The store has said that the name is not this claim's (any more). Never for a timeout, an error
   * or a broken connection. A claim that waits is then asked again from the start.
   *
   * @param reason {@link LossReason#REVOKED} when this record is gone, {@link
   *     LossReason#SESSION_LOST} when the whole session is, {@link LossReason#EXPIRED} when the
   *     store says that it ran out
   */
  void gone(Claim claim, LossReason reason);
}
