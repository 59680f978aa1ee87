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

  /** Puts a claim under renewal, or moves it to another period. */
  void add(EngineClaim claim, long period, long deadline) {
    remove(claim);
    groups.computeIfAbsent(period, p -> new RenewalGroup(engine, p)).add(claim, deadline);
  }

  void remove(EngineClaim claim) {
    RenewalGroup group = claim.group;
    if (group != null) {
      group.remove(claim);
    }
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
