package dev.holdfast.lock.examples;

import static dev.holdfast.lock.examples.DemoScreen.seconds;

import dev.holdfast.lock.testkit.history.EventKind;
import dev.holdfast.lock.testkit.history.FencedRegister;
import dev.holdfast.lock.testkit.history.Finding;
import dev.holdfast.lock.testkit.history.HistoryChecker;
import dev.holdfast.lock.testkit.history.HistoryEvent;
import dev.holdfast.lock.testkit.history.HistoryPage;
import dev.holdfast.lock.testkit.history.HistoryReport;
import dev.holdfast.lock.testkit.history.Margin;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The end of the demo: who held the lock when, by the processes' own histories, and whether that
 * was allowed to happen.
 */
final class DemoReport {

  private static final int WIDTH = 66;
  private static final Set<EventKind> ENDS =
      Set.of(EventKind.RELEASING, EventKind.LOST, EventKind.KILLED, EventKind.PAUSED);

  private final List<HistoryEvent> events;
  private final long start;
  private final HistoryReport checked;
  private final List<Hold> holds = new ArrayList<>();

  DemoReport(List<HistoryEvent> events, long start) {
    this.events = events;
    this.start = start;
    this.checked = HistoryChecker.check(events);
    for (HistoryEvent event : events) {
      if (event.kind() == EventKind.ACQUIRED) {
        holds.add(hold(event));
      }
    }
  }

  /** One line of the table; {@code loss} is the notice, wherever it came. */
  private record Hold(HistoryEvent grant, HistoryEvent end, Optional<HistoryEvent> loss) {}

  private Hold hold(HistoryEvent grant) {
    List<HistoryEvent> after =
        events.subList(events.indexOf(grant) + 1, events.size()).stream()
            .filter(event -> event.process().equals(grant.process()))
            .takeWhile(event -> event.kind() != EventKind.ACQUIRED)
            .toList();
    HistoryEvent end =
        after.stream()
            .filter(event -> ENDS.contains(event.kind()))
            .findFirst()
            .orElse(events.get(events.size() - 1));
    return new Hold(
        grant, end, after.stream().filter(event -> event.kind() == EventKind.LOST).findFirst());
  }

  /** Whether nothing forbidden happened, and something happened at all. */
  boolean isGood() {
    return checked.isGood() && checked.holds() > 0;
  }

  void print(DemoScreen screen, FencedRegister.State mailServer) {
    screen.title("Who held the lock (= held, X killed, ~ frozen, ! told of the loss)");
    bars().forEach(screen::line);
    screen.line("");
    screen.line("       from          to  holder  fencing token     ended by");
    holds.forEach(hold -> screen.line(row(hold)));
    screen.title("Notices of loss");
    holds.forEach(hold -> hold.loss().ifPresent(loss -> screen.line(notice(hold, loss))));
    screen.title("Summary");
    screen.line("  holds: " + checked.holds());
    screen.line("  overlaps: " + overlaps());
    screen.line(
        "  writes to the mail server: %d accepted, %d rejected for an old fencing token"
            .formatted(mailServer.accepted(), mailServer.rejected()));
    checked.findings().forEach(finding -> screen.line("  " + finding));
  }

  /** As a page for a browser. */
  void draw(Path page) throws IOException {
    HistoryPage.of("Holdfast demo: three processes, one job", events, checked)
        .fact("lasted", seconds(length()))
        .write(page);
  }

  private long overlaps() {
    return checked.findings().stream()
        .filter(finding -> finding.kind() == Finding.Kind.OVERLAP)
        .count();
  }

  private String row(Hold hold) {
    HistoryEvent grant = hold.grant();
    return "%11s %11s  %-6s  %-16d  %s"
        .formatted(at(grant), at(hold.end()), grant.process(), grant.token(), why(hold));
  }

  private String why(Hold hold) {
    String next = next(hold).map(grant -> after(hold.end(), grant)).orElse("");
    return switch (hold.end().kind()) {
      case RELEASING -> "release" + next;
      case KILLED -> "kill -9" + next;
      case PAUSED -> "SIGSTOP" + next;
      case LOST -> "loss" + next;
      default -> "the end of the demo";
    };
  }

  private static String after(HistoryEvent end, HistoryEvent grant) {
    return "; next grant " + seconds(grant.nanos() - end.nanos()) + " later";
  }

  private Optional<HistoryEvent> next(Hold hold) {
    return holds.stream()
        .map(Hold::grant)
        .filter(grant -> grant.nanos() - hold.grant().nanos() > 0)
        .min(Comparator.comparingLong(grant -> grant.nanos() - start));
  }

  private String notice(Hold hold, HistoryEvent loss) {
    Optional<Margin> margin =
        checked.margins().stream().filter(it -> it.loss().equals(loss)).findFirst();
    String when =
        margin
            .map(it -> seconds(it.length().toNanos()) + " before the next grant")
            .orElseGet(() -> afterPause(hold, loss));
    return "%11s  %-6s  %s, told %s".formatted(at(loss), loss.process(), loss.detail(), when);
  }

  /** A frozen process can be told of nothing; what counts is how soon after, and its isHeld(). */
  private String afterPause(Hold hold, HistoryEvent loss) {
    return events.stream()
        .filter(event -> event.kind() == EventKind.RESUMED)
        .filter(event -> event.process().equals(loss.process()))
        .filter(event -> event.nanos() - hold.end().nanos() >= 0)
        .findFirst()
        .map(woken -> seconds(loss.nanos() - woken.nanos()) + " after it was woken")
        .orElse("with nobody waiting");
  }

  private String at(HistoryEvent event) {
    return seconds(event.nanos() - start);
  }

  private List<String> bars() {
    List<String> names =
        events.stream()
            .filter(event -> event.kind() == EventKind.WAITING)
            .map(HistoryEvent::process)
            .distinct()
            .sorted()
            .toList();
    List<String> lines = new ArrayList<>();
    names.forEach(name -> lines.add("  %-6s |%s|".formatted(name, bar(name))));
    lines.add(("          0 s%" + (WIDTH - 3) + "s").formatted(seconds(length())));
    return lines;
  }

  private String bar(String name) {
    char[] bar = new char[WIDTH];
    Arrays.fill(bar, ' ');
    for (Hold hold : holds) {
      if (hold.grant().process().equals(name)) {
        Arrays.fill(bar, column(hold.grant()), column(hold.end()) + 1, '=');
        if (hold.end().kind() == EventKind.KILLED) {
          bar[column(hold.end())] = 'X';
        }
        hold.loss()
            .ifPresent(
                loss -> {
                  Arrays.fill(bar, column(hold.end()), column(loss), '~');
                  bar[column(loss)] = '!';
                });
      }
    }
    return new String(bar);
  }

  private int column(HistoryEvent event) {
    long column = (event.nanos() - start) * WIDTH / Math.max(1, length());
    return (int) Math.max(0, Math.min(WIDTH - 1, column));
  }

  private long length() {
    return events.get(events.size() - 1).nanos() - start;
  }
}
