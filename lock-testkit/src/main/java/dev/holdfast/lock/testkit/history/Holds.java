package dev.holdfast.lock.testkit.history;

import dev.holdfast.lock.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes holds of the events of a history, and looks at each hold by itself. */
final class Holds {

  /**
   * A process that got no processor for a while tells what is due as soon as it gets one: the chain
   * from its timer to the notice takes two threads. Short, or a busy machine would excuse all.
   */
  private static final Duration STALL_GRACE = Await.scaled(Duration.ofMillis(100));

  /** What is known of a hold while the events go by. */
  private static final class Open {
    final HistoryEvent start;
    @Nullable HistoryEvent end;
    @Nullable HistoryEvent loss;
    @Nullable Pause freeze;
    @Nullable Pause stall;
    @Nullable HistoryEvent unheld;
    @Nullable HistoryEvent released;

    Open(HistoryEvent start) {
      this.start = start;
    }
  }

  /** A time in which a process could do nothing, until {@code end}; null while it lasts. */
  private record Pause(HistoryEvent start, @Nullable HistoryEvent end) {

    boolean hasEndedLongBefore(HistoryEvent event, Duration grace) {
      return end != null && event.nanos() - end.nanos() > grace.toNanos();
    }

    /** Also if it was told just after the resumed process had begun to release. */
    boolean explains(HistoryEvent loss, @Nullable HistoryEvent endOfHold, Duration grace) {
      if (end == null) {
        return endOfHold == null; // woken, and faster than what noted that
      }
      return (endOfHold == null || endOfHold.nanos() - end.nanos() >= 0)
          && !hasEndedLongBefore(loss, grace);
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
  private final Map<Key, Open> latest = new HashMap<>();
  // holds that may not have ended yet, by process, so that a pause need not look at all
  private final Map<String, List<Open>> open = new HashMap<>();
  private int losses;

  private Holds(List<HistoryEvent> all, Duration resumeGrace, List<Finding> findings) {
    this.all = all;
    this.resumeGrace = resumeGrace;
    this.findings = findings;
  }

  static Holds of(List<HistoryEvent> all, Duration resumeGrace, List<Finding> findings) {
    Holds holds = new Holds(all, resumeGrace, findings);
    all.forEach(holds::add);
    holds.findSilentLosses();
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
      case ACQUIRED -> acquired(event);
      case LOST -> lost(event);
      case RELEASING -> holdOf(event).ifPresent(hold -> end(hold, event));
      case RELEASED -> holdOf(event).ifPresent(hold -> hold.released = event);
      case UNHELD -> holdOf(event).ifPresent(hold -> hold.unheld = event);
      case REJECTED -> rejected(event);
      case KILLED -> openOf(event.process()).forEach(hold -> hold.end = earlier(hold, event));
      case PAUSED -> openOf(event.process()).forEach(hold -> pause(hold, event));
      case RESUMED -> openOf(event.process()).forEach(hold -> resume(hold, event));
      case WAITING, WRITTEN, FAULT, HEALED, NOTE -> {
        // no bearing on who holds what
      }
    }
  }

  private void acquired(HistoryEvent event) {
    Open hold = new Open(event);
    holds.add(hold);
    latest.put(Key.of(event), hold);
    open.computeIfAbsent(event.process(), process -> new ArrayList<>()).add(hold);
  }

  private void pause(Open hold, HistoryEvent event) {
    if (isStall(event)) {
      hold.stall = next(hold.stall, event, STALL_GRACE);
    } else {
      hold.freeze = next(hold.freeze, event, resumeGrace);
    }
  }

  /** One that begins before a loss of the one before can have been told goes on with it. */
  private static Pause next(@Nullable Pause last, HistoryEvent event, Duration grace) {
    return last == null || last.hasEndedLongBefore(event, grace)
        ? new Pause(event, null)
        : new Pause(last.start, null);
  }

  private static void resume(Open hold, HistoryEvent event) {
    if (isStall(event) && hold.stall != null) {
      hold.stall = new Pause(hold.stall.start, event);
    } else if (!isStall(event) && hold.freeze != null) {
      hold.freeze = new Pause(hold.freeze.start, event);
    }
  }

  private static boolean isStall(HistoryEvent event) {
    return event.detail().equals(History.STALL);
  }

  private static void end(Open hold, HistoryEvent event) {
    if (hold.end == null) {
      hold.end = event;
    }
  }

  /** One that is killed while it is paused has not acted since the pause. */
  private static HistoryEvent earlier(Open hold, HistoryEvent kill) {
    return hold.freeze != null && hold.freeze.end == null ? hold.freeze.start : kill;
  }

  private void lost(HistoryEvent event) {
    Optional<Open> known = holdOf(event);
    if (known.isEmpty()) {
      return;
    }
    Open hold = known.get();
    if (hold.loss != null) {
      find(Finding.Kind.DOUBLE_LOSS, "a hold of '%s' was told twice of its loss", hold, event);
      return;
    }
    losses++;
    hold.loss = event;
    if (isAfterRelease(hold)) {
      String text = "a hold of '%s' was told of a loss after its release";
      find(Finding.Kind.LOSS_AFTER_RELEASE, text, hold, event);
    }
    if (event.detail().endsWith(History.HELD)) {
      String text = "isHeld() of '%s' was true inside the notice of its loss";
      find(Finding.Kind.HELD_IN_NOTICE, text, hold, event);
    }
    if (hold.freeze != null && hold.freeze.explains(event, hold.end, resumeGrace)) {
      hold.end = hold.freeze.start;
    } else if (hold.stall != null && hold.stall.explains(event, hold.end, STALL_GRACE)) {
      hold.end = hold.stall.start;
    } else {
      end(hold, event);
    }
  }

  /** A loss may race with a release, but not with one that was the end of the hold. */
  private static boolean isAfterRelease(Open hold) {
    return hold.released != null && !hold.released.detail().equals("ALREADY_LOST");
  }

  private void rejected(HistoryEvent event) {
    if (event.detail().equals(History.HELD)) {
      String text = "a write under '%s' was refused for its old token while isHeld() was true";
      holdOf(event).ifPresent(hold -> find(Finding.Kind.FENCED_WRITE, text, hold, event));
    }
  }

  private void findSilentLosses() {
    for (Open hold : holds) {
      if (hold.unheld != null && hold.loss == null && hadTime(hold.unheld)) {
        String text = "a hold of '%s' ended by itself, and nobody was told";
        find(Finding.Kind.MISSED_LOSS, text, hold, hold.unheld);
      }
    }
  }

  /** Whether the process went on long enough for a notice; a kill or a freeze excuses it. */
  private boolean hadTime(HistoryEvent unheld) {
    long limit = unheld.nanos() + resumeGrace.toNanos();
    return all.get(all.size() - 1).nanos() - limit >= 0
        && all.stream()
            .filter(event -> event.kind() == EventKind.KILLED || event.kind() == EventKind.PAUSED)
            .filter(event -> event.process().equals(unheld.process()))
            .noneMatch(event -> event.nanos() - unheld.nanos() >= 0 && event.nanos() - limit <= 0);
  }

  private void find(Finding.Kind kind, String text, Open hold, HistoryEvent last) {
    List<HistoryEvent> stretch = HistoryChecker.stretch(all, hold.start, last);
    findings.add(new Finding(kind, last.lock(), text.formatted(last.lock()), stretch));
  }

  private Optional<Open> holdOf(HistoryEvent event) {
    Open hold = latest.get(Key.of(event));
    if (hold == null && event.kind() != EventKind.RELEASED) {
      String text = "%s of '%s' that was never acquired".formatted(event.kind(), event.lock());
      findings.add(new Finding(Finding.Kind.UNMATCHED, event.lock(), text, List.of(event)));
    }
    return Optional.ofNullable(hold);
  }

  private List<Open> openOf(String process) {
    List<Open> ofProcess = open.getOrDefault(process, List.of());
    if (!ofProcess.isEmpty()) {
      ofProcess.removeIf(hold -> hold.end != null);
    }
    return ofProcess;
  }
}
