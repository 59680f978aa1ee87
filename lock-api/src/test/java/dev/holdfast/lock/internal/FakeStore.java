package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.spi.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A store in memory: leases that run out, and a queue for claims that queue. It serves the queue
 * whenever somebody touches the name.
 */
final class FakeStore {

  private static final class Row {
    long token;
    long until;
    Claim holder;
    final Map<Claim, CompletableFuture<ClaimOutcome>> queue = new LinkedHashMap<>();
  }

  private final Ticker clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Row> rows = new HashMap<>();

  FakeStore(Ticker clock) {
    this.clock = clock;
  }

  ClaimOutcome claim(Claim claim, boolean queues) {
    lock.lock();
    try {
      Row row = rows.computeIfAbsent(claim.name(), name -> new Row());
      serve(row);
      if (row.holder == null && row.queue.isEmpty()) {
        grant(row, claim);
      }
      if (row.holder == claim) {
        row.until = clock.read() + claim.lease().toNanos();
        return new Granted(row.token, claim.lease(), clock.read());
      }
      Optional<LockHolder> holder =
          Optional.ofNullable(row.holder).map(h -> LockHolder.of(h.description(), row.token));
      if (!queues || !claim.queue()) {
        return Waiting.poll(claim.lease(), holder);
      }
      return new Waiting(
          row.queue.computeIfAbsent(claim, waiting -> new CompletableFuture<>()),
          Duration.ofSeconds(1),
          holder);
    } finally {
      lock.unlock();
    }
  }

  boolean renew(Claim claim) {
    lock.lock();
    try {
      Row row = rows.get(claim.name());
      if (row == null || row.holder != claim || row.until - clock.read() <= 0) {
        return false;
      }
      row.until = clock.read() + claim.lease().toNanos();
      return true;
    } finally {
      lock.unlock();
    }
  }

  ReleaseOutcome release(Claim claim) {
    lock.lock();
    try {
      Row row = rows.get(claim.name());
      if (row == null) {
        return ReleaseOutcome.NOT_HELD;
      }
      boolean waited = row.queue.remove(claim) != null;
      boolean held = row.holder == claim;
      if (held) {
        row.holder = null;
      }
      serve(row);
      return waited || held ? ReleaseOutcome.RELEASED : ReleaseOutcome.NOT_HELD;
    } finally {
      lock.unlock();
    }
  }

  private void grant(Row row, Claim claim) {
    row.holder = claim;
    row.token++;
    row.until = clock.read() + claim.lease().toNanos();
  }

  private void serve(Row row) {
    if (row.holder != null && row.until - clock.read() <= 0) {
      row.holder = null;
    }
    var first = row.queue.entrySet().stream().findFirst();
    if (row.holder == null && first.isPresent()) {
      Claim next = first.get().getKey();
      grant(row, next);
      row.queue.remove(next);
      first.get().getValue().complete(new Granted(row.token, next.lease(), clock.read()));
    }
  }

  boolean isHeldBy(Claim claim) {
    lock.lock();
    try {
      Row row = rows.get(claim.name());
      return row != null && row.holder == claim && row.until - clock.read() > 0;
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
        serve(row);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Somebody outside of this test's clients takes the name, for as long as he likes. */
  void occupy(String name) {
    lock.lock();
    try {
      grant(rows.computeIfAbsent(name, n -> new Row()), new Stranger(name));
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
            if (row.holder != null && row.until - clock.read() > 0) {
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
      return Duration.ofDays(1);
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
