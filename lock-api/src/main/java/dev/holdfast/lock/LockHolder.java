package dev.holdfast.lock;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Who holds a lock, or waits for it, as far as the store can tell. A glance for people and logs,
 * out of date as soon as it is read: never a proof of ownership.
 *
 * @param description the text its client gave, by default {@code host/pid}
 * @param fencingToken the token of the grant; empty for one who waits
 * @param heldFor how long it has held the lock, by the store's clock, where the store can tell
 * @param expiresIn what remains of its lease without a further renewal, where the store can tell
 */
public record LockHolder(
    String description,
    OptionalLong fencingToken,
    Optional<Duration> heldFor,
    Optional<Duration> expiresIn) {

  /** A holder of whom nothing but the description and the token is known. */
  public static LockHolder of(String description, long fencingToken) {
    return new LockHolder(
        description, OptionalLong.of(fencingToken), Optional.empty(), Optional.empty());
  }

  /** Somebody who waits. */
  public static LockHolder waiting(String description) {
    return new LockHolder(description, OptionalLong.empty(), Optional.empty(), Optional.empty());
  }
}
