package dev.holdfast.lock.testkit;

import dev.holdfast.lock.spi.ClientEnvironment;
import dev.holdfast.lock.spi.Ticker;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Time that stands still until a test advances it, and the executors that go with it: everything
 * that clients in this time do later or elsewhere happens inside {@link #advance}, on its thread,
 * one step at a time, in an order that the seed alone decides.
 *
 * <pre>{@code
 * VirtualTime time = new VirtualTime(1);
 * MemoryStore store = MemoryStore.create(Mode.QUEUE, time.ticker());
 * LockClient client = LockClient.over(MemoryLocks.over(store), options.environment(time.environment()));
 * LockHandle held = client.lock("report").acquire();
 * store.partition("");
 * time.advance(Duration.ofSeconds(15));      // takes no time
 * assertThat(held.isHeld()).isFalse();
 * }</pre>
 *
 * <p>A thread that has to wait for a lock waits until another one advances the time: where the test
 * has only one thread it asks with {@code tryAcquire()} or {@code acquireAsync()}.
 *
 * <p>Clocks may go at different rates ({@link #environment(double)}): one client's seconds are then
 * a little longer than the store's, as in the world.
 */
public final class VirtualTime {

  private final ReentrantLock lock = new ReentrantLock();
  private final PriorityQueue<VirtualTask<?>> tasks = new PriorityQueue<>();
  private final Random seeds;
  private volatile long now;
  private long sequence;

  /** Time at zero; all chance in its environments derives from {@code seed}. */
  public VirtualTime(long seed) {
    this.seeds = new Random(seed);
  }

  /** Nanoseconds since the beginning. */
  public long now() {
    return now;
  }

  /** A clock that goes right. */
  public Ticker ticker() {
    return ticker(1);
  }

  /** A clock that goes {@code rate} times as fast as it should. */
  public Ticker ticker(double rate) {
    return () -> local(now, rate);
  }

  /** What a client needs to live in this time. For one client each. */
  public ClientEnvironment environment() {
    return environment(1);
  }

  /** The same, for a client whose clock goes {@code rate} times as fast as it should. */
  public ClientEnvironment environment(double rate) {
    VirtualTimer timer = new VirtualTimer(this, rate);
    return new ClientEnvironment(
        ticker(rate), timer, timer, timer, new Random(seeds.nextLong()), true);
  }

  /** Lets this much time pass, and runs whatever falls due meanwhile, at its instant. */
  public void advance(Duration by) {
    long until = now + by.toNanos();
    VirtualTask<?> due;
    while ((due = pollUntil(until)) != null) {
      due.run();
    }
  }

  /** Runs what is due now, what that leads to at once included, without letting time pass. */
  public void settle() {
    advance(Duration.ZERO);
  }

  private @Nullable VirtualTask<?> pollUntil(long until) {
    lock.lock();
    try {
      VirtualTask<?> first = tasks.peek();
      if (first == null || first.due > until) {
        now = Math.max(now, until);
        return null;
      }
      now = Math.max(now, first.due);
      return tasks.poll();
    } finally {
      lock.unlock();
    }
  }

  /** Puts the task in line: {@code delay} nanoseconds from now, behind all that is due then. */
  void schedule(VirtualTask<?> task, long delay) {
    lock.lock();
    try {
      task.due = now + Math.max(0, delay);
      task.sequence = sequence++;
      tasks.add(task);
    } finally {
      lock.unlock();
    }
  }

  void remove(VirtualTask<?> task) {
    lock.lock();
    try {
      tasks.remove(task);
    } finally {
      lock.unlock();
    }
  }

  static long local(long time, double rate) {
    return rate == 1 ? time : (long) (time * rate);
  }
}
