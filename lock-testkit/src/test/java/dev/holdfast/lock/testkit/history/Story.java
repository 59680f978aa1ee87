package dev.holdfast.lock.testkit.history;

import java.util.ArrayList;
import java.util.List;

/** Tells a history in milliseconds. */
final class Story {

  static final String LOCK = "job";

  final List<HistoryEvent> events = new ArrayList<>();

  Story acquired(long ms, String process, long token) {
    return add(ms, EventKind.ACQUIRED, process, token);
  }

  Story lost(long ms, String process, long token) {
    return add(ms, EventKind.LOST, process, token);
  }

  Story releasing(long ms, String process, long token) {
    return add(ms, EventKind.RELEASING, process, token);
  }

  /** A time without a processor. */
  Story stalled(long fromMs, long toMs, String process) {
    History history = History.inMemory(process);
    history.stalled(fromMs * 1_000_000, toMs * 1_000_000);
    events.addAll(history.events());
    return this;
  }

  Story process(long ms, EventKind kind, String process) {
    events.add(new HistoryEvent(ms * 1_000_000, kind, process, "", "", 0, ""));
    return this;
  }

  Story lost(long ms, String process, long token, String detail) {
    return add(ms, EventKind.LOST, process, token, detail);
  }

  Story released(long ms, String process, long token, String outcome) {
    return add(ms, EventKind.RELEASED, process, token, outcome);
  }

  Story add(long ms, EventKind kind, String process, long token) {
    return add(ms, kind, process, token, "");
  }

  Story add(long ms, EventKind kind, String process, long token, String detail) {
    events.add(new HistoryEvent(ms * 1_000_000, kind, process, "c", LOCK, token, detail));
    return this;
  }

  HistoryReport check() {
    return HistoryChecker.check(events);
  }

  List<Finding.Kind> findings() {
    return check().findings().stream().map(Finding::kind).toList();
  }
}
