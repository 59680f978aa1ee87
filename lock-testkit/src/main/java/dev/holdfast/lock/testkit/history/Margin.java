package dev.holdfast.lock.testkit.history;

import java.time.Duration;

/**
 * How long before the next grant a loss was told. Above zero is the promise kept; below zero there
 * were two holders.
 *
 * @param loss the LOST event
 * @param grant the next ACQUIRED event of the same lock
 */
public record Margin(HistoryEvent loss, HistoryEvent grant) {

  /**
   * The time between the two.
   *
   * @return negative if the grant came first
   */
  public Duration length() {
    return Duration.ofNanos(grant.nanos() - loss.nanos());
  }
}
