package dev.holdfast.lock.testkit.soak;

import dev.holdfast.lock.testkit.history.History;
import dev.holdfast.lock.testkit.server.TestServer;
import dev.holdfast.lock.testkit.soak.FaultKind.Place;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Carries out the plan: finds the victim when the time has come, breaks it, and heals it.
 *
 * <p><b>Threads.</b> Faults of processes and networks run on one thread; those of the store, which
 * take their time, on another, one after the other.
 */
final class Mischief implements AutoCloseable {

  private final List<Member> members;
  private final Optional<TestServer> server;
  private final IntFunction<Optional<String>> holders;
  private final History history;
  private final Consumer<String> failures;
  private final ScheduledExecutorService hands = executor("soak-faults");
  private final ScheduledExecutorService storeHands = executor("soak-store-faults");
  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicInteger done = new AtomicInteger();
  private final List<String> active = new CopyOnWriteArrayList<>();

  /** How many faults of the store last; touched by its thread alone. */
  private int storeFaults;

  /**
   * Prepares.
   *
   * @param holders who holds a lock, by its number from 1
   * @param failures told what could not be done
   */
  Mischief(
      List<Member> members,
      Optional<TestServer> server,
      IntFunction<Optional<String>> holders,
      History history,
      Consumer<String> failures) {
    this.members = members;
    this.server = server;
    this.holders = holders;
    this.history = history;
    this.failures = failures;
  }

  private static ScheduledExecutorService executor(String name) {
    return Executors.newSingleThreadScheduledExecutor(
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  /** Lets a fault happen so much later. */
  void plan(PlannedFault fault, Duration delay) {
    pending.incrementAndGet();
    boolean ofStore = fault.kind().place() == Place.STORE;
    schedule(ofStore ? storeHands : hands, delay, () -> begin(fault));
  }

  private void schedule(ScheduledExecutorService executor, Duration delay, Runnable task) {
    var unused =
        executor.schedule(
            () -> {
              try {
                task.run();
              } catch (RuntimeException | AssertionError e) {
                pending.decrementAndGet();
                if (!executor.isShutdown()) { // else the end of the soak has interrupted it
                  failures.accept("the soak could not go on with its faults: " + e);
                }
              }
            },
            delay.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  private void begin(PlannedFault fault) {
    if (fault.kind().place() == Place.STORE) {
      beginOfStore(fault);
      return;
    }
    Optional<Member> victim = victim(fault);
    if (victim.isEmpty()) {
      history.note("nobody can suffer: " + fault.kind());
      pending.decrementAndGet();
      return;
    }
    Member member = victim.get();
    member.suffer(fault.kind(), fault.at().toMillis());
    String text = began(member.name(), fault.kind());
    schedule(hands, fault.length(), () -> heal(member, fault.kind(), text));
  }

  private void heal(Member member, FaultKind kind, String text) {
    member.heal(kind);
    if (kind == FaultKind.KILL && !member.diedByItself()) {
      awaitReady(member, text);
    } else {
      ended(member.name(), text);
    }
  }

  /** A killed process is replaced when the next one has begun. */
  private void awaitReady(Member member, String text) {
    if (member.isReady() || member.diedByItself()) {
      ended(member.name(), text);
    } else {
      schedule(hands, Duration.ofMillis(20), () -> awaitReady(member, text));
    }
  }

  /**
   * The holder that is meant, else the process that is meant, else the next one that can suffer.
   */
  private Optional<Member> victim(PlannedFault fault) {
    List<Member> order = new ArrayList<>();
    if (fault.lock() > 0) {
      Optional<String> holder = holders.apply(fault.lock());
      members.stream()
          .filter(it -> holder.filter(it.name()::equals).isPresent())
          .forEach(order::add);
    }
    for (int i = 0; i < members.size(); i++) {
      order.add(members.get((fault.process() - 1 + i) % members.size()));
    }
    return order.stream().filter(member -> member.canSuffer(fault.kind())).findFirst();
  }

  private void beginOfStore(PlannedFault fault) {
    TestServer store = server.orElseThrow();
    if (!store.isRunning()) {
      history.note("nobody can suffer: " + fault.kind());
      pending.decrementAndGet();
      return;
    }
    switch (fault.kind()) {
      case PAUSE_STORE -> store.pause();
      case KILL_STORE -> store.kill();
      default -> store.stop();
    }
    storeFaults++;
    String text = began("", fault.kind());
    schedule(
        storeHands,
        fault.length(),
        () -> {
          healStore(store);
          ended("", text);
        });
  }

  /** Of faults that overlap, the last one to end gives the store back. */
  private void healStore(TestServer store) {
    storeFaults--;
    if (storeFaults == 0) {
      store.resume();
      store.start();
    }
  }

  private String began(String victim, FaultKind kind) {
    String text = kind.toString();
    history.fault(victim, text);
    active.add(label(victim, text));
    done.incrementAndGet();
    return text;
  }

  private void ended(String victim, String text) {
    history.healed(victim, text);
    active.remove(label(victim, text));
    pending.decrementAndGet();
  }

  private static String label(String victim, String text) {
    return victim.isEmpty() ? text : text + " (" + victim + ")";
  }

  /** Whether all that was planned has come and gone. */
  boolean isOver() {
    return pending.get() == 0;
  }

  int count() {
    return done.get();
  }

  List<String> active() {
    return List.copyOf(active);
  }

  /** Ends the faults that last, and begins no more. */
  void stop() {
    hands.shutdownNow();
    storeHands.shutdownNow();
    try {
      if (!hands.awaitTermination(30, TimeUnit.SECONDS)
          || !storeHands.awaitTermination(30, TimeUnit.SECONDS)) {
        failures.accept("a fault does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.ifPresent(
        store -> {
          store.resume();
          store.start();
        });
    for (Member member : members) {
      member.healAll();
    }
  }

  @Override
  public void close() {
    hands.shutdownNow();
    storeHands.shutdownNow();
  }
}
