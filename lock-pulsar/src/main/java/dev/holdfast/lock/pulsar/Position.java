package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.spi.BackendFailure;
import java.util.Comparator;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.MessageIdAdv;
import org.apache.pulsar.client.impl.MessageIdImpl;

/**
 * Where a record stands in the log of its lock: the ledger and the entry of its MessageId. Ordered
 * as the log is; ledgers of one cluster are numbered upwards, also over topics that were deleted.
 */
record Position(long ledger, long entry) implements Comparable<Position> {

  /** Before the first record of any log. */
  static final Position START = new Position(-1, -1);

  private static final int ENTRY_BITS = 23;

  /** Entries per ledger: 50,000 unless the broker is set otherwise. */
  private static final long MOST_ENTRIES = 1L << ENTRY_BITS;

  /** One less, so that the token, which begins at 1, stays below 2^63. */
  private static final long MOST_LEDGERS = (1L << (63 - ENTRY_BITS)) - 1;

  private static final Comparator<Position> ORDER =
      Comparator.comparingLong(Position::ledger).thenComparingLong(Position::entry);

  static Position of(MessageId id) {
    MessageIdAdv parts = (MessageIdAdv) id;
    return new Position(parts.getLedgerId(), parts.getEntryId());
  }

  static Position parse(String text) {
    int colon = text.indexOf(':');
    return new Position(
        Long.parseLong(text, 0, colon, 10), Long.parseLong(text, colon + 1, text.length(), 10));
  }

  MessageId toMessageId() {
    return equals(START) ? MessageId.earliest : new MessageIdImpl(ledger, entry, -1);
  }

  /** Whether nothing can stand between this one and {@code next}. */
  boolean isRightBefore(Position next) {
    return ledger == next.ledger && entry + 1 == next.entry;
  }

  boolean isBefore(Position other) {
    return compareTo(other) < 0;
  }

  /** Whether {@link #token()} can say it. */
  boolean fitsToken() {
    return ledger >= 0 && ledger < MOST_LEDGERS && entry >= 0 && entry < MOST_ENTRIES;
  }

  /** Ledger and entry in one number, whose order is that of the log. */
  long token() {
    return (ledger << ENTRY_BITS | entry) + 1;
  }

  BackendFailure outOfRange() {
    return BackendFailure.permanent(
        "the message id %s is beyond what a fencing token can hold (ledgers below 2^40 - 1,"
                .formatted(this)
            + " entries below 2^23); set managedLedgerMaxEntriesPerLedger of the broker below"
            + " 8388608",
        null);
  }

  @Override
  public int compareTo(Position other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return ledger + ":" + entry;
  }
}
