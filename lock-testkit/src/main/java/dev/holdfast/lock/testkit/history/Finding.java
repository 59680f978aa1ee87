package dev.holdfast.lock.testkit.history;

import java.util.List;

/**
 * Something that was not allowed to happen.
 *
 * @param kind which rule was broken
 * @param lock the name of the lock
 * @param text what happened, in a sentence
 * @param stretch the events around it, by time
 */
public record Finding(Kind kind, String lock, String text, List<HistoryEvent> stretch) {

  private static final int MOST_SHOWN = 20;

  /** Which rule was broken. */
  public enum Kind {
    /** X1, L1: a lock was granted while another hold of it lasted. */
    OVERLAP,
    /** F1: a grant's token is not above that of the grant before. */
    TOKEN_ORDER,
    /** L2: one hold was told of its loss more than once. */
    DOUBLE_LOSS,
    /** L2: a hold ended by itself, and its client was not told. */
    MISSED_LOSS,
    /** L2: a hold was told of a loss after its release had worked. */
    LOSS_AFTER_RELEASE,
    /** L2: {@code isHeld()} was still true inside the notice. */
    HELD_IN_NOTICE,
    /** X1: the guarded resource had seen a higher token while the client held the lock. */
    FENCED_WRITE,
    /** E2: after a fault had healed nobody was granted the lock in time. */
    RECOVERY,
    /** R3: a client that was closed left threads or connections in its process. */
    LEAK,
    /** W1, R3: after all clients were closed something was left at the store. */
    RESIDUE,
    /** A process failed, or ended unasked. */
    WORKER,
    /** The history itself is broken: an end of a hold that never began. */
    UNMATCHED
  }

  /**
   * Keeps a copy of the stretch.
   *
   * @param kind as above
   * @param lock as above
   * @param text as above
   * @param stretch as above
   */
  public Finding {
    stretch = List.copyOf(stretch);
  }

  /**
   * This finding for people.
   *
   * @return the sentence and the stretch, times in milliseconds from its first event
   */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder().append(kind).append(": ").append(text);
    long origin = stretch.isEmpty() ? 0 : stretch.get(0).nanos();
    int head = Math.min(stretch.size(), MOST_SHOWN);
    int tail = Math.max(head, stretch.size() - MOST_SHOWN);
    stretch.subList(0, head).forEach(event -> append(out, event.describe(origin)));
    if (tail > head) {
      append(out, "... " + (tail - head) + " more events ...");
    }
    stretch.subList(tail, stretch.size()).forEach(event -> append(out, event.describe(origin)));
    return out.toString();
  }

  private static void append(StringBuilder out, String line) {
    out.append("\n    ").append(line);
  }
}
