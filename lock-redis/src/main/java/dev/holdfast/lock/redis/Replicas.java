package dev.holdfast.lock.redis;

import dev.holdfast.lock.spi.Claim;
import java.time.Duration;

/**
 * The replicas that are to confirm each step.
 *
 * <p>The command that asks them, WAIT, holds up all that comes behind it on its connection, and
 * says how many have confirmed only when its time is over. That is to be well before others lose
 * their patience: the engine, which would know only that there was no answer; the next renewal, a
 * quarter of the lease later; and the connection's next user, who would take it for stuck.
 *
 * @param wanted how many; zero asks none
 * @param silence how long a connection may owe answers
 */
record Replicas(int wanted, Duration silence) {

  /** How long they have for a step of this claim. */
  Duration patience(Claim claim) {
    if (wanted == 0) {
      return Duration.ZERO;
    }
    Duration least = lesser(claim.lease().dividedBy(4), lesser(claim.patience(), silence));
    return least.multipliedBy(3).dividedBy(4);
  }

  private static Duration lesser(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
