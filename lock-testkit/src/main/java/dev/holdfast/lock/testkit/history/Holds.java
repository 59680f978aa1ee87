package dev.holdfast.lock.testkit.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes holds of the events of a history. */
final class Holds {

  /** What is known of a hold while the events go by. */
  private static final class Open {
    final HistoryEvent start;
    @Nullable HistoryEvent end;
    @Nullable HistoryEvent loss;
    @Nullable HistoryEvent pause;
    @Nullable HistoryEvent resume;

    Open(HistoryEvent start) {
      this.start = start;
    }
  }

  private record Key(String process, String client, String lock, long token) {
    static Key of(HistoryEvent event) {
      return new Key(event.process(), event.client(), event.lock(), event.token());
    }
  }

  private final Duration resumeGrace;
  private final List<HistoryEvent> all;
  private final List<Finding> findings;
  private final List<Open> holds = new ArrayList<>();
  // the latest hold of that key: a broken lock may give the same token twice
  private final Map<Key, Open> latest = new LinkedHashMap<>();
  private int losses;

  private Holds(List<HistoryEvent> all, Duration resumeGrace, List<Finding> findings) {
    this.all = all;
    this.resumeGrace = resumeGrace;
    this.findings = findings;
  }

  static Holds of(List<HistoryEvent> all, Duration resumeGrace, List<Finding> findings) {
    Holds holds = new Holds(all, resumeGrace, findings);
    all.forEach(holds::add);
    return holds;
  }

  /** All holds, in the order of their grants. */
  List<Hold> list() {
    return holds.stream().map(hold -> new Hold(hold.start, hold.end, hold.loss)).toList();
  }

  int losses() {
    return losses;
  }

  private void add(HistoryEvent event) {
    switch (event.kind()) {
      case ACQUIRED -> {
        Open hold = new Open(event);
        holds.add(hold);
        latest.put(Key.of(event), hold);
      }
      case LOST -> lost(event);
      case RELEASING -> releasing(event);
      case KILLED -> openOf(event.process()).forEach(hold -> hold.end = earlier(hold, event));
      case PAUSED -> openOf(event.process()).forEach(hold -> pause(hold, event));
      case RESUMED -> openOf(event.process()).forEach(hold -> hold.resume = event);
      case WAITING, RELEASED, NOTE -> {
        // no bearing on who holds what
      }
    }
  }

  private static void pause(Open hold, HistoryEvent event) {
    hold.pause = event;
    hold.resume = null;
  }

  /** One that is killed while it is paused has not acted since the pause. */
  private static HistoryEvent earlier(Open hold, HistoryEvent kill) {
    return hold.pause != null && hold.resume == null ? hold.pause : kill;
  }

  private void lost(HistoryEvent event) {
    Open hold = latest.get(Key.of(event));
    if (hold == null) {
      findings.add(unmatched(event));
      return;
    }
    if (hold.loss != null) {
      String text = "a hold of '%s' was told twice of its loss".formatted(event.lock());
      findings.add(
          new Finding(
              Finding.Kind.DOUBLE_LOSS,
              event.lock(),
              text,
              HistoryChecker.stretch(all, hold.start, event)));
      return;
    }
    losses++;
    hold.loss = event;
    if (isLossOfPause(hold, event)) {
      hold.end = hold.pause;
    } else if (hold.end == null) {
      hold.end = event;
    }
  }

  /** Also if it was told just after the resumed process had begun to release. */
  private boolean isLossOfPause(Open hold, HistoryEvent loss) {
    HistoryEvent resume = hold.resume;
    return hold.pause != null
        && resume != null
        && (hold.end == null || hold.end.nanos() - resume.nanos() >= 0)
        && loss.nanos() - resume.nanos() <= resumeGrace.toNanos();
  }

  private void releasing(HistoryEvent event) {
    Open hold = latest.get(Key.of(event));
    if (hold == null) {
      findings.add(unmatched(event));
    } else if (hold.end == null) {
      hold.end = event;
    }
  }

  private static Finding unmatched(HistoryEvent event) {
    String text = "%s of '%s' that was never acquired".formatted(event.kind(), event.lock());
    return new Finding(Finding.Kind.UNMATCHED, event.lock(), text, List.of(event));
  }

  private List<Open> openOf(String process) {
    return holds.stream()
        .filter(hold -> hold.end == null && hold.start.process().equals(process))
        .toList();
  }
}
