package dev.holdfast.lock.testkit.history;

import org.jspecify.annotations.Nullable;

/**
 * The time during which a client could believe itself the holder of a lock.
 *
 * @param start the ACQUIRED event
 * @param end what ended it; null if it lasts to the end of the history
 * @param loss the first LOST event, where there is one, even if something else came before it
 */
record Hold(HistoryEvent start, @Nullable HistoryEvent end, @Nullable HistoryEvent loss) {

  /** Whether it still lasted at {@code nanos}. */
  boolean covers(long nanos) {
    return end == null || end.nanos() - nanos > 0;
  }

  String lock() {
    return start.lock();
  }

  String describe(long origin) {
    String until = end == null ? "the end of the history" : end.describe(origin).strip();
    return start.describe(origin).strip() + " until " + until;
  }
}
