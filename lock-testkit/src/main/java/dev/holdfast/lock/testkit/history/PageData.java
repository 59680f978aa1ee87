package dev.holdfast.lock.testkit.history;

import static dev.holdfast.lock.testkit.history.Json.array;
import static dev.holdfast.lock.testkit.history.Json.object;
import static dev.holdfast.lock.testkit.history.Json.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the page draws, as JSON: arrays of numbers, for an hour has tens of thousands of holds.
 * Times are microseconds from the first event; processes and locks are indexes into their lists.
 */
final class PageData {

  private final String title;
  private final List<HistoryEvent> events;
  private final List<String[]> facts;
  private final List<String> processes;
  private final List<String> locks;
  private final long origin;
  private final long end;
  private final HistoryReport checked;

  PageData(String title, List<HistoryEvent> events, HistoryReport checked, List<String[]> facts) {
    this.title = title;
    this.events = events;
    this.checked = checked;
    this.facts = facts;
    this.origin = events.isEmpty() ? 0 : events.get(0).nanos();
    this.end = events.isEmpty() ? 0 : micros(events.get(events.size() - 1));
    TreeSet<String> withLocks = new TreeSet<>();
    TreeSet<String> names = new TreeSet<>();
    for (HistoryEvent event : events) {
      if (!event.lock().isEmpty()) {
        withLocks.add(event.process());
        names.add(event.lock());
      }
    }
    this.processes = List.copyOf(withLocks);
    this.locks = List.copyOf(names);
  }

  String json() {
    return object(
        "title", text(title),
        "good", Boolean.toString(checked.isGood()),
        "end", Long.toString(end),
        "processes", array(processes.stream().map(Json::text)),
        "locks", array(locks.stream().map(Json::text)),
        "facts", array(facts().stream().map(fact -> array(fact[0], fact[1]))),
        "holds", array(holds()),
        "waits", array(waits()),
        "faults", array(spans(EventKind.FAULT)),
        "pauses", array(spans(EventKind.PAUSED)),
        "downs", array(spans(EventKind.KILLED)),
        "rejected", array(rejected()),
        "margins", array(margins()),
        "findings", array(checked.findings().stream().map(this::finding)));
  }

  private List<String[]> facts() {
    List<String[]> all = new ArrayList<>();
    all.add(new String[] {text("grants"), text(Integer.toString(checked.holds()))});
    all.add(new String[] {text("losses"), text(Integer.toString(checked.losses()))});
    String margin = checked.minMargin().map(it -> it.toMillis() + " ms").orElse("none");
    all.add(new String[] {text("smallest margin"), text(margin)});
    facts.forEach(fact -> all.add(new String[] {text(fact[0]), text(fact[1])}));
    return all;
  }

  private long micros(HistoryEvent event) {
    return (event.nanos() - origin) / 1000;
  }

  private int process(HistoryEvent event) {
    return processes.indexOf(event.process());
  }

  private int lock(HistoryEvent event) {
    return locks.indexOf(event.lock());
  }

  /** process, lock, from, to, token, what ended it, when the loss was told or -1, why */
  private List<String> holds() {
    List<String> all = new ArrayList<>();
    for (Hold hold : HistoryChecker.holds(events)) {
      HistoryEvent start = hold.start();
      HistoryEvent loss = hold.loss();
      all.add(
          array(
              Integer.toString(process(start)),
              Integer.toString(lock(start)),
              Long.toString(micros(start)),
              Long.toString(hold.end() == null ? end : micros(hold.end())),
              text(Long.toString(start.token())), // a long that JavaScript's numbers cannot hold
              text(hold.end() == null ? "" : hold.end().kind().name()),
              Long.toString(loss == null ? -1 : micros(loss)),
              text(loss == null ? "" : loss.detail())));
    }
    return all;
  }

  /** process, lock, from, to, why it was given up or empty */
  private List<String> waits() {
    List<String> all = new ArrayList<>();
    Map<String, HistoryEvent> waiting = new HashMap<>();
    for (HistoryEvent event : events) {
      switch (event.kind()) {
        case WAITING -> waiting.put(waiter(event), event);
        case ACQUIRED, NOTE -> wait(waiting.remove(waiter(event)), event, all);
        case KILLED -> {
          List<HistoryEvent> ofDead =
              waiting.values().stream()
                  .filter(start -> start.process().equals(event.process()))
                  .toList();
          ofDead.forEach(start -> wait(waiting.remove(waiter(start)), event, all));
        }
        default -> {
          // ends no wait
        }
      }
    }
    return all;
  }

  private static String waiter(HistoryEvent event) {
    return event.process() + "\n" + event.client() + "\n" + event.lock();
  }

  private void wait(@Nullable HistoryEvent start, HistoryEvent last, List<String> all) {
    if (start != null) {
      all.add(
          array(
              Integer.toString(process(start)),
              Integer.toString(lock(start)),
              Long.toString(micros(start)),
              Long.toString(micros(last)),
              text(last.kind() == EventKind.NOTE ? last.detail() : "")));
    }
  }

  /** process or -1 for all, from, to, text: of faults, pauses (text: stall or empty), dead times */
  private List<String> spans(EventKind kind) {
    List<String> all = new ArrayList<>();
    Map<String, HistoryEvent> open = new HashMap<>();
    for (HistoryEvent event : events) {
      String key = event.process() + "\n" + event.detail();
      if (event.kind() == kind) {
        open.put(kind == EventKind.KILLED ? event.process() : key, event);
      } else if (ends(kind, event)) {
        span(open.remove(kind == EventKind.KILLED ? event.process() : key), micros(event), all);
      } else if (event.kind() == EventKind.KILLED && kind == EventKind.PAUSED) {
        span(open.remove(event.process() + "\n"), micros(event), all);
        open.remove(event.process() + "\n" + History.STALL);
      }
    }
    open.values().forEach(start -> span(start, end, all));
    return all;
  }

  private static boolean ends(EventKind kind, HistoryEvent event) {
    return switch (kind) {
      case FAULT -> event.kind() == EventKind.HEALED;
      case PAUSED -> event.kind() == EventKind.RESUMED;
      default -> event.kind() == EventKind.WAITING; // the next process of that name
    };
  }

  private void span(@Nullable HistoryEvent start, long to, List<String> all) {
    if (start != null) {
      all.add(
          array(
              Integer.toString(process(start)),
              Long.toString(micros(start)),
              Long.toString(to),
              text(start.detail())));
    }
  }

  /** process, lock, when, token */
  private List<String> rejected() {
    return events.stream()
        .filter(event -> event.kind() == EventKind.REJECTED)
        .map(
            event ->
                array(
                    Integer.toString(process(event)),
                    Integer.toString(lock(event)),
                    Long.toString(micros(event)),
                    text(Long.toString(event.token()))))
        .toList();
  }

  /** milliseconds, process, lock, when the loss was told */
  private List<String> margins() {
    return checked.margins().stream()
        .map(
            margin ->
                array(
                    Double.toString(Math.round(margin.length().toNanos() / 1e4) / 100.0),
                    Integer.toString(process(margin.loss())),
                    Integer.toString(lock(margin.loss())),
                    Long.toString(micros(margin.loss()))))
        .toList();
  }

  private String finding(Finding finding) {
    List<HistoryEvent> stretch = finding.stretch();
    long from = stretch.isEmpty() ? 0 : micros(stretch.get(0));
    long to = stretch.isEmpty() ? end : micros(stretch.get(stretch.size() - 1));
    return array(
        text(finding.kind().name()),
        text(finding.toString()),
        Long.toString(from),
        Long.toString(to));
  }
}
