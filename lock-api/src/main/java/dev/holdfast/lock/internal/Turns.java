package dev.holdfast.lock.internal;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Tells when a client that takes a name again and again, and has it back before anybody else can
 * have seen it free, is to stand back once (CONTRACT.md, W4). Only for stores that neither keep a
 * queue nor wake: their waiters look at the name every few milliseconds, and where a commit costs
 * nothing the name was free for a fifth of one: on such a MariaDB a client waited for 5 s while
 * another had the name two hundred times.
 *
 * <p>Keeps a fixed number of names, those of the last holds: one that is forgotten stands back
 * later. Safe for concurrent use; of two that race one is forgotten.
 */
final class Turns {

  /** Who comes back later than this has left the name to those who look for it. */
  private static final long SOON = 4_000_000;

  private static final int SLOTS = 64;

  /**
   * Holds of a name, one right after the other.
   *
   * @param since when the first one was granted
   * @param left when the last one was released
   * @param holds how many
   */
  private record Turn(String name, long since, long left, int holds) {

    boolean goesOn(String other, long at) {
      return name.equals(other) && at - left < SOON;
    }
  }

  private final AtomicReferenceArray<@Nullable Turn> slots = new AtomicReferenceArray<>(SLOTS);

  /** A hold has been released. */
  void left(String name, long grantedAt, long now) {
    int slot = slot(name);
    Turn last = slots.get(slot);
    boolean goesOn = last != null && last.goesOn(name, grantedAt);
    slots.set(
        slot,
        goesOn
            ? new Turn(name, last.since, now, last.holds + 1)
            : new Turn(name, grantedAt, now, 1));
  }

  /** Whether it is to stand back now; once, and then a new turn begins. */
  boolean isOver(String name, long now) {
    int slot = slot(name);
    Turn last = slots.get(slot);
    return last != null
        && last.goesOn(name, now)
        && last.holds > 1
        && last.left - last.since > Engine.TURN
        && slots.compareAndSet(slot, last, null);
  }

  private static int slot(String name) {
    int hash = name.hashCode();
    return (hash ^ (hash >>> 16)) & (SLOTS - 1);
  }
}
