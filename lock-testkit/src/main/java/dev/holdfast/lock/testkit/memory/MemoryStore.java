package dev.holdfast.lock.testkit.memory;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.Ticker;
import dev.holdfast.lock.testkit.fault.Fault;
import dev.holdfast.lock.testkit.fault.Faults;
import dev.holdfast.lock.testkit.fault.Operation;
import dev.holdfast.lock.testkit.memory.MemoryRow.Entry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The server side of {@link MemoryBackend}: a small store with compare-and-set, expiry and a queue,
 * shared by any number of clients in this JVM, and scriptable.
 *
 * <pre>{@code
 * MemoryStore store = MemoryStore.create();
 * LockClient client = LockClient.over(MemoryLocks.over(store), options.description("worker-1"));
 * LockHandle held = client.lock("report").acquire();
 * store.expire("report");           // as if its lease had run out: lost at the next renewal
 * store.partition("worker-1");      // nothing comes through any more: lost before the lease ends
 * }</pre>
 *
 * <p>Time is a {@link Ticker}'s: the real one, or that of a {@link
 * dev.holdfast.lock.testkit.VirtualTime}. Tokens are one sequence for all names, so that an unused
 * name takes no room and its tokens increase all the same. Safe for concurrent use.
 */
public final class MemoryStore {

  /**
   * What kind of store this plays, so that every path of the engine has a store to be tested on.
   */
  public enum Mode {
    /** Serves clients in order of arrival and pushes the grant, like Redis or etcd. */
    QUEUE,
    /** Knows compare-and-set and expiry only; waiters poll. */
    POLLED,
    /** The same through a blocking driver, like JDBC. */
    BLOCKING
  }

  /**
   * What a claim finds: who has the name now, its own grant included; or that it is switched off.
   */
  record Found(boolean refused, String id, long token, LockHolder holder) {}

  /** The answer to a renewal. */
  enum Renewal {
    EXTENDED,
    RAN_OUT,
    UNKNOWN
  }

  private final Mode mode;
  private final Ticker clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, MemoryRow> rows = new HashMap<>();
  private final Map<String, Faults> links = new ConcurrentHashMap<>();
  private final AtomicLong operations = new AtomicLong();
  private long lastToken;

  private MemoryStore(Mode mode, Ticker clock) {
    this.mode = mode;
    this.clock = clock;
  }

  /** An empty store with a queue, in real time. */
  public static MemoryStore create() {
    return create(Mode.QUEUE);
  }

  /** An empty store in real time. */
  public static MemoryStore create(Mode mode) {
    return create(mode, System::nanoTime);
  }

  /** An empty store whose leases run by {@code clock}. */
  public static MemoryStore create(Mode mode, Ticker clock) {
    return new MemoryStore(mode, clock);
  }

  /** What kind of store this plays. */
  public Mode mode() {
    return mode;
  }

  /** Ends the lease of {@code name} now. Its holder is told at its next renewal: EXPIRED. */
  public void expire(String name) {
    with(
        name,
        row -> {
          if (row.holder != null) {
            row.holder.expires = clock.read();
          }
          return true;
        });
  }

  /** Deletes the grant of {@code name}, as an operator would: REVOKED at the next renewal. */
  public void revoke(String name) {
    with(
        name,
        row -> {
          row.holder = null;
          row.settle(clock.read(), this::nextToken);
          return true;
        });
  }

  /** Switches {@code name} on or off: off refuses new claims, and holders keep what they have. */
  public void setEnabled(String name, boolean enabled) {
    with(
        name,
        row -> {
          row.enabled = enabled;
          row.settle(clock.read(), this::nextToken);
          return true;
        });
  }

  /** Cuts off the clients of this description: what they send is lost, and what is sent to them. */
  public void partition(String client) {
    link(client).blackHole();
  }

  /** Ends the partition. */
  public void heal(String client) {
    link(client).heal();
  }

  /** Lets the next operation of this kind fail, once, for the clients of this description. */
  public void failNext(String client, Operation operation) {
    link(client).next(operation, Fault.fail("scripted failure"));
  }

  /** The line between the store and the clients of this description, to be disturbed at will. */
  public Faults link(String client) {
    return links.computeIfAbsent(client, unknown -> new Faults());
  }

  /** Grants and places in queues at this moment, of all names; what has run out is forgotten. */
  public long residue() {
    lock.lock();
    try {
      rows.values().forEach(row -> row.settle(clock.read(), this::nextToken));
      rows.values().removeIf(MemoryRow::isIdle);
      return rows.values().stream().mapToInt(MemoryRow::residue).sum();
    } finally {
      lock.unlock();
    }
  }

  /** Names that take room: those with something to remember. */
  int rows() {
    lock.lock();
    try {
      return rows.size();
    } finally {
      lock.unlock();
    }
  }

  /** Requests answered so far; a renewal of many claims is one. */
  public long operations() {
    return operations.get();
  }

  void countOperation() {
    operations.incrementAndGet();
  }

  /**
   * Asks for the name, or asks again: a claim that is known already is extended, never entered
   * twice.
   *
   * @param stay whether to keep a place in the queue if it is not granted
   * @param onGrant told, under the store's lock, when the claim comes out of the queue
   */
  Found claim(
      String name, String id, String who, Duration lease, boolean stay, LongConsumer onGrant) {
    return with(
        name,
        row -> {
          long now = clock.read();
          row.settle(now, this::nextToken);
          Entry mine = row.isHeldBy(id) ? row.holder : row.queued(id);
          if (!row.enabled && !row.isHeldBy(id)) {
            row.queue.remove(mine);
            return new Found(true, "", 0, LockHolder.waiting(""));
          }
          if (mine == null) {
            mine = new Entry(id, who, lease.toNanos(), now, onGrant);
            row.queue.add(mine);
          } else {
            mine.extend(now);
          }
          row.settle(now, this::nextToken);
          if (!stay) {
            row.queue.remove(mine);
          }
          return found(row, now);
        });
  }

  Renewal renew(String name, String id) {
    return with(
        name,
        row -> {
          long now = clock.read();
          if (row.holder != null && row.isHeldBy(id)) {
            if (row.holder.expired(now)) {
              row.settle(now, this::nextToken);
              return Renewal.RAN_OUT;
            }
            row.holder.extend(now);
            return Renewal.EXTENDED;
          }
          Entry waiting = row.queued(id);
          if (waiting != null && !waiting.expired(now)) {
            waiting.extend(now);
          }
          row.settle(now, this::nextToken);
          boolean known = row.isHeldBy(id) || row.queued(id) != null;
          return known ? Renewal.EXTENDED : Renewal.UNKNOWN;
        });
  }

  /** Removes the claim, wherever it stands. */
  boolean release(String name, String id) {
    return with(
        name,
        row -> {
          boolean removed = row.queue.remove(row.queued(id));
          if (row.isHeldBy(id)) {
            row.holder = null;
            removed = true;
          }
          row.settle(clock.read(), this::nextToken);
          return removed;
        });
  }

  LockView inspect(String name) {
    return with(
        name,
        row -> {
          long now = clock.read();
          row.settle(now, this::nextToken);
          return new LockView(
              Optional.ofNullable(row.holder).map(entry -> holder(entry, now)),
              row.queue.stream().map(entry -> LockHolder.waiting(entry.description)).toList(),
              row.enabled);
        });
  }

  @Nullable String readRecord(String name) {
    return with(name, row -> Optional.ofNullable(row.record)).orElse(null);
  }

  boolean writeRecord(String name, String id, String record) {
    return with(
        name,
        row -> {
          row.settle(clock.read(), this::nextToken);
          if (!row.isHeldBy(id)) {
            return false;
          }
          row.record = record;
          return true;
        });
  }

  private static Found found(MemoryRow row, long now) {
    Entry holder = row.holder;
    return holder == null
        ? new Found(false, "", 0, LockHolder.waiting(""))
        : new Found(false, holder.id, holder.token, holder(holder, now));
  }

  private static LockHolder holder(Entry entry, long now) {
    return new LockHolder(
        entry.description,
        OptionalLong.of(entry.token),
        Optional.of(Duration.ofNanos(now - entry.since)),
        Optional.of(Duration.ofNanos(Math.max(0, entry.expires - now))));
  }

  private long nextToken() {
    return ++lastToken;
  }

  /** Runs one step on a row, alone, and keeps no row without content (CONTRACT.md, S1). */
  private <T> T with(String name, Function<MemoryRow, T> step) {
    lock.lock();
    try {
      MemoryRow row = rows.computeIfAbsent(name, unknown -> new MemoryRow());
      T result = step.apply(row);
      if (row.isIdle()) {
        rows.remove(name);
      }
      return result;
    } finally {
      lock.unlock();
    }
  }
}
