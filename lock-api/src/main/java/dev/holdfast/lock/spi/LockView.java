package dev.holdfast.lock.spi;

import dev.holdfast.lock.LockHolder;
import java.util.List;
import java.util.Optional;

/**
 * What the store shows of a name.
 *
 * @param holder who has it, if somebody has
 * @param waiting who waits, in order; empty where the store does not keep a queue
 * @param enabled false if an operator has switched it off
 */
public record LockView(Optional<LockHolder> holder, List<LockHolder> waiting, boolean enabled) {

  /** A name that nobody holds. */
  public static final LockView FREE = new LockView(Optional.empty(), List.of(), true);
}
