package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/** A store in memory without leases: what is in it stays until it is released or deleted. */
final class FakeStore {

  private static final class Row {
    long token;
    Claim holder;
    final Map<Claim, CompletableFuture<ClaimOutcome>> queue = new LinkedHashMap<>();
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Row> rows = new HashMap<>();

  ClaimOutcome claim(Claim claim, boolean queues, long asOf) {
    lock.lock();
    try {
      Row row = rows.computeIfAbsent(claim.name(), name -> new Row());
      if (row.holder == claim) {
        return new Granted(row.token, claim.lease(), asOf);
      }
      if (row.holder == null && (row.queue.isEmpty() || !queues)) {
        return grant(row, claim, asOf);
      }
      Optional<LockHolder> holder =
          Optional.ofNullable(row.holder).map(held -> LockHolder.of(held.description(), row.token));
      if (!queues || !claim.queue()) {
        return Waiting.poll(claim.lease(), holder);
      }
      return new Waiting(
          row.queue.computeIfAbsent(claim, waiting -> new CompletableFuture<>()),
          claim.lease(),
          holder);
    } finally {
      lock.unlock();
    }
  }

  private static Granted grant(Row row, Claim claim, long asOf) {
    row.holder = claim;
    return new Granted(++row.token, claim.lease(), asOf);
  }

  ReleaseOutcome release(Claim claim, long asOf) {
    CompletableFuture<ClaimOutcome> next = null;
    ClaimOutcome grant = null;
    ReleaseOutcome outcome = ReleaseOutcome.NOT_HELD;
    lock.lock();
    try {
      Row row = rows.get(claim.name());
      if (row == null) {
        return outcome;
      }
      if (row.queue.remove(claim) != null) {
        outcome = ReleaseOutcome.RELEASED;
      }
      if (row.holder == claim) {
        outcome = ReleaseOutcome.RELEASED;
        row.holder = null;
        var first = row.queue.entrySet().stream().findFirst();
        if (first.isPresent()) {
          row.queue.remove(first.get().getKey());
          next = first.get().getValue();
          grant = grant(row, first.get().getKey(), asOf);
        }
      }
    } finally {
      lock.unlock();
    }
    if (next != null) {
      next.complete(grant);
    }
    return outcome;
  }

  boolean isHeldBy(Claim claim) {
    lock.lock();
    try {
      Row row = rows.get(claim.name());
      return row != null && row.holder == claim;
    } finally {
      lock.unlock();
    }
  }

  /** What an operator would do. */
  void delete(String name) {
    lock.lock();
    try {
      Row row = rows.get(name);
      if (row != null) {
        row.holder = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Somebody outside of this test's clients takes the name. */
  void occupy(String name) {
    lock.lock();
    try {
      Row row = rows.computeIfAbsent(name, n -> new Row());
      row.holder = new Stranger(name);
      row.token++;
    } finally {
      lock.unlock();
    }
  }

  /** All that is held or waited for, as text. */
  List<String> contents() {
    lock.lock();
    try {
      List<String> contents = new ArrayList<>();
      rows.forEach(
          (name, row) -> {
            if (row.holder != null) {
              contents.add(name + " held by " + row.holder.id());
            }
            row.queue.keySet().forEach(c -> contents.add(name + " waited for by " + c.id()));
          });
      return contents;
    } finally {
      lock.unlock();
    }
  }

  private record Stranger(String name) implements Claim {

    @Override
    public String id() {
      return "stranger";
    }

    @Override
    public Duration lease() {
      return Duration.ofSeconds(15);
    }

    @Override
    public String description() {
      return "stranger/1";
    }

    @Override
    public boolean queue() {
      return false;
    }

    @Override
    public Duration patience() {
      return Duration.ZERO;
    }

    @Override
    public Object attachment() {
      return null;
    }

    @Override
    public void attach(Object attachment) {}
  }
}
