package dev.holdfast.lock.testkit.soak;

import dev.holdfast.lock.testkit.history.Finding;
import dev.holdfast.lock.testkit.history.HistoryChecker;
import dev.holdfast.lock.testkit.history.HistoryEvent;
import dev.holdfast.lock.testkit.history.HistoryReport;
import dev.holdfast.lock.testkit.history.Recovery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is known of a soak while it lasts: who holds what, and what the checker says so far.
 *
 * <p><b>Threads.</b> {@link #holder} from any; all else from one.
 */
final class SoakView {

  /**
   * How soon a woken process must be told of its loss. Generous, because it competes with all the
   * others for two processors; that it is not a holder in the meantime is seen by its writes.
   */
  private static final Duration RESUME_GRACE = Duration.ofSeconds(2);

  private static final long CHECK_NANOS = Duration.ofSeconds(2).toNanos();
  private static final int REST_FACTOR = 20;

  private final HistoryTail tail;
  private final List<HistoryEvent> events = new ArrayList<>();
  private final List<Recovery.Calm> calms = new ArrayList<>();
  private final Map<String, String> holders = new ConcurrentHashMap<>();
  private HistoryReport checked = HistoryChecker.check(List.of());
  private long nextCheck = System.nanoTime();

  SoakView(HistoryTail tail) {
    this.tail = tail;
  }

  /** Reads what is new. */
  void poll() {
    List<HistoryEvent> fresh = tail.poll();
    fresh.forEach(this::follow);
    events.addAll(fresh);
  }

  private void follow(HistoryEvent event) {
    switch (event.kind()) {
      case ACQUIRED -> holders.put(event.lock(), event.process());
      case RELEASING, LOST, UNHELD -> holders.remove(event.lock(), event.process());
      default -> {
        // no bearing on who holds what
      }
    }
  }

  Optional<String> holder(String lock) {
    return Optional.ofNullable(holders.get(lock));
  }

  void calm(Recovery.Calm calm) {
    calms.add(calm);
  }

  /** Counts and margins, some seconds old; its findings are not final while faults last. */
  HistoryReport lately() {
    long start = System.nanoTime();
    if (start - nextCheck >= 0) {
      checked = checker().report(events);
      long end = System.nanoTime();
      nextCheck = end + Math.max(CHECK_NANOS, REST_FACTOR * (end - start)); // a long soak is long
    }
    return checked;
  }

  /** To be asked in a calm, or at the end. */
  HistoryReport check() {
    checked = checker().report(events);
    return checked;
  }

  private static HistoryChecker checker() {
    return HistoryChecker.withResumeGrace(RESUME_GRACE);
  }

  List<HistoryEvent> events() {
    return List.copyOf(events);
  }

  List<Recovery> recoveries() {
    return Recovery.find(events, calms);
  }

  List<Finding> slowRecoveries(Duration limit) {
    return Recovery.tooLong(recoveries(), limit, events);
  }
}
