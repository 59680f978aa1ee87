package dev.holdfast.lock.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** All claims that are kept alive, grouped by their period; groups live as long as the client. */
final class Renewals {

  private final Engine engine;
  private final ConcurrentMap<Long, RenewalGroup> groups = new ConcurrentHashMap<>();

  Renewals(Engine engine) {
    this.engine = engine;
  }

  /** Puts a claim that is held under renewal, or moves it to another period. */
  void add(EngineClaim claim, long period, long now) {
    long left = claim.owner instanceof Hold hold ? hold.leftAt(now) : Acquisition.NEVER;
    RenewalGroup group = group(period);
    do {
      remove(claim);
    } while (!group.add(claim, now, left));
  }

  /** Keeps the place of a claim that waits, unless it is under renewal already. */
  void addWaiting(EngineClaim claim, long period) {
    boolean unused = group(period).add(claim, engine.now(), Acquisition.NEVER);
  }

  void remove(EngineClaim claim) {
    Bag<?> group = claim.bag;
    while (group != null && !group.remove(claim)) {
      group = claim.bag; // moved in between
    }
  }

  private RenewalGroup group(long period) {
    return groups.computeIfAbsent(period, p -> new RenewalGroup(engine, p));
  }

  List<Hold> holds() {
    List<Hold> holds = new ArrayList<>();
    for (RenewalGroup group : groups.values()) {
      for (EngineClaim claim : group.members()) {
        if (claim.owner instanceof Hold hold) {
          holds.add(hold);
        }
      }
    }
    return holds;
  }
}
