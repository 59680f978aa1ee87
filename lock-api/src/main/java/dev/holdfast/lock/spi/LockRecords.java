package dev.holdfast.lock.spi;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The small persistent record that a store keeps beside a lock: what a scheduled job writes about
 * its last run, and the switch by which an operator refuses the lock.
 *
 * <p>Names are as at the store, see {@link Claim#name()}. Stages fail as those of {@link
 * LockBackend}; threads likewise.
 */
public interface LockRecords {

  /** The longest record, in characters. */
  int MAX_LENGTH = 2_000;

  /** The record last written, or empty. */
  CompletionStage<Optional<String>> read(String name);

  /**
   * Writes the record if, at the store, {@code held} still holds the name at that moment: the check
   * and the write are one step.
   *
   * @param record at most {@link #MAX_LENGTH} characters
   * @return false if the name is not this claim's any more; nothing was written
   */
  CompletionStage<Boolean> write(Claim held, String record);

  /**
   * Switches the name on or off. Off refuses new claims; who holds it keeps it until the release.
   */
  CompletionStage<Void> setEnabled(String name, boolean enabled);
}
