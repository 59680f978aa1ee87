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

  Story process(long ms, EventKind kind, String process) {
    events.add(new HistoryEvent(ms * 1_000_000, kind, process, "", "", 0, ""));
    return this;
  }

  private Story add(long ms, EventKind kind, String process, long token) {
    events.add(new HistoryEvent(ms * 1_000_000, kind, process, "c", LOCK, token, ""));
    return this;
  }

  HistoryReport check() {
    return HistoryChecker.check(events);
  }

  List<Finding.Kind> findings() {
    return check().findings().stream().map(Finding::kind).toList();
  }
}
