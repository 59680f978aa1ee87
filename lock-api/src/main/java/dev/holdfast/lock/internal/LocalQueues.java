package dev.holdfast.lock.internal;

import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Lets one acquisition per name go to the store, and the others of this client wait behind it in
 * order of arrival (CONTRACT.md, W4 and W5).
 *
 * <p>A name is in the map while this client holds it or asks for it. A held name that nobody waits
 * for shares one entry with all others of its kind, so that it costs no more than the map's node.
 * Everything happens inside the map's atomic operations, which call nothing outside this class.
 */
final class LocalQueues {

  private static final class Queue {
    /** Who asks the store; null once it is granted. Read outside the map's operations as well. */
    volatile @Nullable Acquisition asking;

    /** Since when the name has gone from hand to hand inside this client. */
    volatile long local;

    final ArrayDeque<Acquisition> waiting = new ArrayDeque<>(2);
  }

  /** Held, and nobody waits. Never changed. */
  private static final Queue HELD = new Queue();

  private final ConcurrentMap<String, Queue> queues = new ConcurrentHashMap<>();

  /** Joins; true if there is nobody before it. One that does not wait joins only then. */
  boolean join(Acquisition acquisition, boolean wait, long now) {
    boolean[] first = new boolean[1];
    queues.compute(
        acquisition.lock().storeName,
        (name, queue) -> {
          if (queue == null) {
            first[0] = true;
            Queue fresh = new Queue();
            fresh.asking = acquisition;
            fresh.local = now;
            return fresh;
          }
          if (!wait) {
            return queue;
          }
          Queue own = queue == HELD ? new Queue() : queue;
          own.local = queue == HELD ? now : queue.local;
          own.waiting.add(acquisition);
          return own;
        });
    return first[0];
  }

  /**
   * The one who asked has got it, from another one of this client if {@code handed}: then the time
   * goes on that the name has been in this client, though nobody waits at the moment.
   */
  void granted(Acquisition acquisition, boolean handed, long now) {
    queues.computeIfPresent(
        acquisition.lock().storeName,
        (name, queue) -> {
          if (queue.asking != acquisition) {
            return queue; // lost again before it got here, and passed on
          }
          if (queue.waiting.isEmpty() && !handed) {
            return HELD;
          }
          queue.asking = null;
          queue.local = handed ? queue.local : now;
          return queue;
        });
  }

  /**
   * Makes the next one the one who asks. With nobody waiting, the name is free in this client, or
   * stays as it is if {@code keep}.
   */
  @Nullable Acquisition next(String name, boolean keep) {
    @Nullable Acquisition[] next = new @Nullable Acquisition[1];
    queues.computeIfPresent(
        name,
        (key, queue) -> {
          next[0] = queue == HELD ? null : queue.waiting.poll();
          if (next[0] == null) {
            return keep ? queue : null;
          }
          queue.asking = next[0];
          return queue;
        });
    return next[0];
  }

  /** Whether the name is held here and nobody waits for it: a look, no more. */
  boolean isUncontended(String name) {
    return queues.get(name) == HELD;
  }

  /** For how long the name has gone from hand to hand inside this client. */
  long localFor(String name, long now) {
    Queue queue = queues.get(name);
    return queue == null || queue == HELD ? 0 : now - queue.local;
  }

  /** Takes one who waits out of the queue, if it is in it. */
  void withdraw(Acquisition acquisition) {
    queues.computeIfPresent(
        acquisition.lock().storeName,
        (name, queue) -> {
          if (queue != HELD) {
            queue.waiting.remove(acquisition);
          }
          return queue;
        });
  }

  /** The acquisition of this client that asks the store, or null if the name is held here. */
  @Nullable Acquisition asking(String name) {
    Queue queue = queues.get(name);
    return queue == null ? null : queue.asking;
  }
}
