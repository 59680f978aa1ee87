package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.pulsar.LogRecord.Kind;
import dev.holdfast.lock.spi.BackendContext;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Finds the dead of one lock: those of whom this client has received no sign of life for their
 * whole leases. Of all who wait the first that is alive writes so, for only then are all before it
 * dead.
 *
 * <p>All methods are called under the {@link Guard}.
 */
final class Judge {

  /** After what time a sentence is repeated that has not come into the log, in nanoseconds. */
  static final long REPEAT = 500_000_000L;

  private final BackendContext context;
  private final Guard guard;
  private final OpenLog log;
  private final Supplier<LockState> state;

  Judge(BackendContext context, Guard guard, OpenLog log, Supplier<LockState> state) {
    this.context = context;
    this.guard = guard;
    this.log = log;
    this.state = state;
  }

  /** Looks when all before this one will have been silent for their leases. */
  void watch(Place place) {
    if (place.judgement == null || place.judgement.isDone()) {
      watch(place, untilAllDead(state.get().ahead(place.id())));
    }
  }

  void leave(Place place) {
    if (place.judgement != null) {
      place.judgement.cancel(false);
      place.judgement = null;
    }
  }

  /** Takes everybody out of the line, if all are dead. */
  boolean judgeAll() {
    List<Entry> line = state.get().line();
    boolean allDead = !line.isEmpty() && untilAllDead(line) <= 0;
    if (allDead) {
      write(line);
    }
    return allDead;
  }

  private void watch(Place place, long nanos) {
    try {
      place.judgement =
          context
              .timer()
              .schedule(
                  () -> guard.run(() -> look(place)),
                  Math.max(nanos, 1_000_000),
                  TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // The client is closing, and withdraws this claim.
    }
  }

  /** The time that was waited for has come; something may have been heard meanwhile. */
  private void look(Place place) {
    place.judgement = null;
    boolean waits = state.get().find(place.id()).filter(entry -> !entry.holds()).isPresent();
    if (!waits || place.withdrawn) {
      return;
    }
    List<Entry> ahead = state.get().ahead(place.id());
    long left = untilAllDead(ahead);
    if (left <= 0) {
      log.whenOpen(() -> write(ahead), failure -> {});
    }
    watch(place, left <= 0 ? REPEAT : left);
  }

  private long untilAllDead(List<Entry> entries) {
    long now = context.ticker().read();
    return entries.stream().mapToLong(entry -> entry.left(now)).max().orElse(0);
  }

  private void write(List<Entry> dead) {
    var unused = log.write(LogRecord.of(Kind.EXPIRE, "").withDead(dead), state.get(), false);
  }
}
