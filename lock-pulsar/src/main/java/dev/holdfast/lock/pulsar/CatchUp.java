package dev.holdfast.lock.pulsar;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the state of a log without reading all of it: from a snapshot that some record carries, and
 * the records behind that snapshot's base.
 *
 * <p>A snapshot is of what its writer had read, which may be less than what stands before its
 * record. So the records between its base and itself are needed too, and no record that is missing
 * may lie there. Not thread-safe.
 */
final class CatchUp {

  /**
   * A record as it came in.
   *
   * @param heardAt by the ticker of this client
   */
  record Received(LogRecord record, Position at, long heardAt) {}

  private final List<Received> read = new ArrayList<>();
  private final Position last;
  private final boolean fromTheBase;

  private CatchUp(Position last, boolean fromTheBase) {
    this.last = last;
    this.fromTheBase = fromTheBase;
  }

  /** Of the last record alone, which is enough if its writer had read all that stands before. */
  static CatchUp ofLast(Position last) {
    return new CatchUp(last, false);
  }

  /** Of all from behind the base of the last record, up to that. */
  static CatchUp ofMore(Position last) {
    return new CatchUp(last, true);
  }

  /** Whether more can be read than was. */
  boolean hasMore() {
    return !fromTheBase;
  }

  /** Takes the next one; true when it was the last. */
  boolean add(Received next) {
    read.add(next);
    return !next.at().isBefore(last);
  }

  /** The state after all that was read, if it can be told for certain. */
  Optional<LockState> certain() {
    Position first = read.get(0).at();
    return latest(base -> !base.isBefore(first) || base.isRightBefore(first));
  }

  /** The position from behind which more must be read if it can not. */
  Position readFrom() {
    return read.get(read.size() - 1).record().base().orElse(Position.START);
  }

  /** The state as far as it can be told, when there is no more to be read. */
  LockState best() {
    return certain().or(() -> latest(base -> true)).orElseGet(() -> replay(null));
  }

  private interface Test {
    boolean allows(Position base);
  }

  private Optional<LockState> latest(Test test) {
    for (int i = read.size() - 1; i >= 0; i--) {
      LogRecord record = read.get(i).record();
      if (record.snapshot().isPresent() && record.base().filter(test::allows).isPresent()) {
        return Optional.of(replay(read.get(i)));
      }
    }
    return Optional.empty();
  }

  private LockState replay(@Nullable Received from) {
    LockState state = LockState.empty();
    Position base = Position.START;
    if (from != null) {
      state = LockState.read(from.record().snapshot().orElseThrow(), from.heardAt());
      base = from.record().base().orElseThrow();
    }
    for (Received each : read) {
      if (base.isBefore(each.at())) {
        state.apply(each.record(), each.at(), each.heardAt());
      }
    }
    return state;
  }
}
