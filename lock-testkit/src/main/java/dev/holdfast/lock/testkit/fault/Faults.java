package dev.holdfast.lock.testkit.fault;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.LockBackendFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The line between clients and their store, to be disturbed by a test: on any backend, at the SPI.
 *
 * <pre>{@code
 * Faults line = new Faults();
 * LockClient client = LockClient.over(line.wrap(JdbcLocks.over(dataSource)));
 * line.next(Operation.RELEASE, Fault.loseTheReply());
 * line.blackHole();
 * }</pre>
 *
 * <p>Asynchronous backends get no answer when one is lost; blocking ones block, not interruptibly,
 * and fail when their patience is over: as drivers do. Closing a client passes through, but takes
 * the time that it was given when nothing comes through.
 *
 * <p>What overrides what: the state of the line ({@link #blackHole}, {@link #stall}), then the
 * {@link #next} fault of the operation, then the {@link #always} one, then the {@link #plan}. Safe
 * for concurrent use; one object may serve several clients.
 */
public final class Faults {

  enum Line {
    OPEN,
    BLACK_HOLE,
    STALLED
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Operation, Fault> next = new ConcurrentHashMap<>();
  private final Map<Operation, Fault> always = new ConcurrentHashMap<>();
  private final List<Runnable> held = new ArrayList<>();
  private final Map<Operation, LongAdder> counts = new ConcurrentHashMap<>();
  private final Set<Claim> contenders = ConcurrentHashMap.newKeySet();
  private final Map<String, Claim> granted = new ConcurrentHashMap<>();
  private final AtomicInteger mostContenders = new AtomicInteger();
  private volatile BiFunction<Operation, String, Fault> plan = (operation, name) -> Fault.NONE;
  private final List<Consumer<Boolean>> followers = new CopyOnWriteArrayList<>();
  private volatile Line line = Line.OPEN;

  /** A line without faults. */
  public Faults() {}

  /** Puts this line before every backend that {@code factory} opens. */
  public LockBackendFactory wrap(LockBackendFactory factory) {
    return context -> FaultyBackend.open(this, factory, context);
  }

  /**
   * Tells {@code follower} when the line is interrupted (true) and healed (false): for drivers that
   * speak to their store by themselves, and would keep a session alive that nobody renews.
   */
  public void follow(Consumer<Boolean> follower) {
    followers.add(follower);
  }

  private void interrupted(boolean interrupted) {
    followers.forEach(follower -> follower.accept(interrupted));
  }

  /** From now on everything is lost, in both directions, also what is under way. */
  public void blackHole() {
    line = Line.BLACK_HOLE;
    interrupted(true);
  }

  /**
   * From now on nothing comes through, in either direction, but all of it will come, late and in
   * order, when the line is healed.
   */
  public void stall() {
    line = Line.STALLED;
    interrupted(true);
  }

  /**
   * From now on no request arrives; answers that are under way still do. Ends with {@link
   * Fault#NONE} for every operation, and {@link #heal}.
   */
  public void loseRequests() {
    for (Operation operation : Operation.values()) {
      always(operation, Fault.loseTheRequest());
    }
    interrupted(true);
  }

  /** Ends {@link #blackHole} and {@link #stall}; what was stalled is delivered on this thread. */
  public void heal() {
    List<Runnable> late;
    interrupted(false);
    lock.lock();
    try {
      line = Line.OPEN;
      late = List.copyOf(held);
      held.clear();
    } finally {
      lock.unlock();
    }
    late.forEach(Runnable::run);
  }

  /** Does {@code fault} to the next {@code operation}, once. */
  public void next(Operation operation, Fault fault) {
    next.put(operation, fault);
  }

  /** Does {@code fault} to every {@code operation}, until told otherwise. */
  public void always(Operation operation, Fault fault) {
    always.put(operation, fault);
  }

  /**
   * Asks {@code plan} before every operation; it is given the name at the store and must not block.
   * A renewal is asked about name by name.
   */
  public void plan(BiFunction<Operation, String, Fault> plan) {
    this.plan = plan;
  }

  /** How many of these were sent so far; a renewal of many claims is one. */
  public long count(Operation operation) {
    LongAdder count = counts.get(operation);
    return count == null ? 0 : count.sum();
  }

  /**
   * The most claims of one name that were at the store at one time without having been granted: one
   * for one client, however many of its threads wait (CONTRACT.md, W5).
   */
  public int mostContenders() {
    return mostContenders.get();
  }

  /** The claim of these clients that has the name, as far as the store has answered. */
  public Optional<Claim> granted(String name) {
    return Optional.ofNullable(granted.get(name));
  }

  void granted(Claim claim) {
    granted.put(claim.name(), claim);
  }

  void released(Claim claim) {
    granted.remove(claim.name(), claim);
  }

  void joined(Claim claim) {
    contenders.add(claim);
    long rivals = contenders.stream().filter(c -> c.name().equals(claim.name())).count();
    mostContenders.accumulateAndGet((int) rivals, Math::max);
  }

  void left(Claim claim) {
    contenders.remove(claim);
  }

  boolean isBlackHole() {
    return line == Line.BLACK_HOLE;
  }

  void sent(Operation operation) {
    counts.computeIfAbsent(operation, unknown -> new LongAdder()).increment();
  }

  /** What is to be done to this operation. */
  Fault take(Operation operation, String name) {
    Fault once = takeNext(operation);
    return once != null ? once : standing(operation, name);
  }

  @Nullable Fault takeNext(Operation operation) {
    return next.remove(operation);
  }

  Fault standing(Operation operation, String name) {
    Fault standing = always.get(operation);
    return standing != null ? standing : plan.apply(operation, name);
  }

  /** Lets {@code message} pass now, later or never, as the line is. */
  void pass(Runnable message) {
    if (line != Line.OPEN) {
      lock.lock();
      try {
        if (line == Line.BLACK_HOLE) {
          return;
        }
        if (line == Line.STALLED) {
          held.add(message);
          return;
        }
      } finally {
        lock.unlock();
      }
    }
    message.run();
  }
}
