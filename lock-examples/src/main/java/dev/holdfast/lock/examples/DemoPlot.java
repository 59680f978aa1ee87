package dev.holdfast.lock.examples;

import static dev.holdfast.lock.examples.DemoScreen.seconds;

import dev.holdfast.lock.examples.DemoCast.Actor;
import dev.holdfast.lock.examples.DemoCast.Said;
import dev.holdfast.lock.testkit.history.History;
import dev.holdfast.lock.testkit.net.FaultProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What is done to the worker processes, one fault after another, and what must follow. */
final class DemoPlot {

  private static final String KILL = "kill -9";
  private static final String FREEZE = "frozen";
  private static final String SILENCE = "network silent";
  private static final Duration START_LIMIT = Duration.ofSeconds(30);

  private final DemoScreen screen;
  private final DemoCast cast;
  private final History history;
  private final Duration moment;
  private final Duration limit;

  DemoPlot(DemoScreen screen, DemoCast cast, History history, Duration lease) {
    this.screen = screen;
    this.cast = cast;
    this.history = history;
    this.moment = lease.dividedBy(3);
    this.limit = lease.multipliedBy(2).plusSeconds(3);
  }

  /**
   * Plays all of it.
   *
   * @throws DemoCast.Failed if something that must follow does not
   */
  void play() {
    awaitAll(
        "processes", START_LIMIT, cast.actors().stream().map(who -> by(who, "ready")).toList());
    nextRelease();
    Actor heir = kill(nextHolder());
    freeze(heir);
    nextRelease();
    silence(nextHolder());
    nextRelease();
    cast.stop();
  }

  private Actor kill(Actor holder) {
    cast.pass(moment);
    holder.process().kill9();
    history.killed(holder.name());
    history.fault(holder.name(), KILL);
    screen.event("demo", "kill -9 " + holder.name() + ", in the middle of the job");
    long killed = System.nanoTime();
    Actor heir = cast.await("take-over from " + holder.name(), limit, holdsBut(holder));
    screen.event("demo", heir.name() + " took over " + since(killed) + " after the kill");
    return heir;
  }

  private void freeze(Actor holder) {
    cast.pass(moment);
    holder.process().stop();
    history.paused(holder.name());
    history.fault(holder.name(), FREEZE);
    screen.event("demo", "SIGSTOP " + holder.name() + ", in the middle of the job");
    long frozen = System.nanoTime();
    Actor heir = cast.await("take-over from " + holder.name(), limit, holdsBut(holder));
    screen.event("demo", heir.name() + " took over " + since(frozen) + " after the stop");
    cast.pass(moment);
    screen.event("demo", "SIGCONT " + holder.name() + ", which does not know that it slept");
    history.healed(holder.name(), FREEZE);
    history.resumed(holder.name());
    holder.process().cont();
    awaitAll(
        holder.name() + " to see that it is no holder any more",
        limit,
        List.of(
            by(holder, "look").and(line -> line.rest().startsWith("false")),
            by(holder, "lost"),
            by(holder, "late").and(line -> line.rest().equals("rejected"))));
  }

  private void silence(Actor holder) {
    if (holder.network().isEmpty()) {
      screen.event("demo", "leaves the network alone: no place for a proxy in this URI");
      return;
    }
    FaultProxy network = holder.network().get();
    cast.pass(moment);
    network.blackHole();
    history.fault(holder.name(), SILENCE);
    screen.event("demo", "the network of " + holder.name() + " goes silent");
    awaitAll(
        "take-over from " + holder.name(), limit, List.of(by(holder, "lost"), holdsBut(holder)));
    cast.pass(moment);
    network.heal();
    history.healed(holder.name(), SILENCE);
    screen.event("demo", "the network of " + holder.name() + " is back");
  }

  private Actor nextHolder() {
    return cast.await("a holder", limit, line -> line.is("holds"));
  }

  private void nextRelease() {
    cast.await("a release", limit, line -> line.is("released"));
  }

  private void awaitAll(String what, Duration within, List<Predicate<Said>> all) {
    List<Predicate<Said>> missing = new ArrayList<>(all);
    var unused =
        cast.await(
            what,
            within,
            line -> {
              missing.removeIf(wanted -> wanted.test(line));
              return missing.isEmpty();
            });
  }

  private static Predicate<Said> by(Actor actor, String word) {
    return line -> line.by(actor) && line.is(word);
  }

  private static Predicate<Said> holdsBut(Actor former) {
    return line -> line.is("holds") && !line.by(former);
  }

  private static String since(long nanos) {
    return seconds(System.nanoTime() - nanos);
  }
}
