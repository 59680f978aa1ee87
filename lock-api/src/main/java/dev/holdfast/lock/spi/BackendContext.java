package dev.holdfast.lock.spi;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockObserver;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;

/** What the engine lends a backend. A backend starts no threads and reads no clocks of its own. */
public interface BackendContext {

  /** The clock for {@code asOf}. */
  Ticker ticker();

  /** For short, non-blocking work at a later time. */
  ScheduledExecutorService timer();

  /** For calls that may block; grows on demand. */
  Executor workers();

  /** For jitter and identifiers. */
  RandomGenerator random();

  /** Where the answers to renewals go. */
  HoldSink holds();

  /** The client's settings, its default lease and operation timeout among them. */
  LockClientOptions options();

  /**
   * Whether the first answer to a claim that has to wait must name who has the lock, where that
   * costs the store something. Who waits in vain is told, and an observer; most wait for a short
   * time and not in vain, and a longer wait learns it from the answer to its next question.
   */
  default boolean wantsHolder(Claim claim) {
    return !claim.queue()
        || options().observer() != LockObserver.NONE
        || claim.patience().compareTo(options().pollInterval().multipliedBy(2)) <= 0;
  }

  /** Unique to this client: the beginning of all its claims' ids. */
  String clientId();
}
