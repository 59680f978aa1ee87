package dev.holdfast.lock.benchmarks;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Many locks that are held and do nothing else.
 *
 * @param operationsPerSecond at the server, if it counts them
 * @param heapPerLock bytes in this JVM, the caller's name and reference included
 * @param callersShare of these, what the caller needs to keep as many names and references
 * @param lost how many were lost: none, if all is well
 */
record IdleHolds(
    OptionalDouble operationsPerSecond, long heapPerLock, long callersShare, int lost) {

  private static final int THREADS = 16;

  /** Held before the heap is measured: what a client and its driver need at all is no lock's. */
  private static final int WARM_UP = 1_000;

  /**
   * Holds locks and looks on.
   *
   * @param time at least two renewal periods, to say anything
   */
  static IdleHolds measure(StoreKind.Server server, Subject subject, int count, Duration time)
      throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(THREADS);
    try {
      int first = Math.min(WARM_UP, count / 2);
      List<Subject.Held> held = new ArrayList<>(count);
      acquire(subject, 0, first, held, executor);
      long before = usedHeap();
      acquire(subject, first, count, held, executor);
      long heap = (usedHeap() - before) / (count - first);
      Thread.sleep(server.counterDelay().toMillis());
      OptionalDouble rate = operationsPerSecond(server, time);
      return new IdleHolds(rate, heap, callersShare(count), count - release(held, executor));
    } finally {
      executor.shutdownNow();
    }
  }

  private static void acquire(
      Subject subject, int from, int to, List<Subject.Held> held, ExecutorService executor)
      throws Exception {
    List<Future<Subject.Held>> grants = new ArrayList<>();
    for (int i = from; i < to; i++) {
      String name = name(i);
      grants.add(executor.submit(() -> subject.acquire(name)));
    }
    for (Future<Subject.Held> grant : grants) {
      held.add(grant.get());
    }
  }

  private static String name(int number) {
    return "idle-" + number;
  }

  /** The same list without locks: a name each, and an object that refers to it. */
  private static long callersShare(int count) {
    List<Subject.Held> names = new ArrayList<>(count);
    long before = usedHeap();
    for (int i = 0; i < count; i++) {
      String name = name(i);
      names.add(name::isEmpty);
    }
    return (usedHeap() - before) / names.size();
  }

  /** How many were still held. */
  private static int release(List<Subject.Held> held, ExecutorService executor) throws Exception {
    int released = 0;
    for (Future<Boolean> answer :
        held.stream().map(hold -> executor.submit(hold::release)).toList()) {
      released += answer.get() ? 1 : 0;
    }
    return released;
  }

  private static OptionalDouble operationsPerSecond(StoreKind.Server server, Duration time)
      throws Exception {
    long start = System.nanoTime();
    OptionalLong first = server.operations();
    Thread.sleep(time.toMillis());
    if (first.isEmpty()) {
      return OptionalDouble.empty();
    }
    long count = server.operations().orElseThrow() - first.getAsLong() - 1; // ours
    return OptionalDouble.of(Math.max(0, count) * 1e9 / (System.nanoTime() - start));
  }

  private static long usedHeap() {
    var memory = ManagementFactory.getMemoryMXBean();
    for (int i = 0; i < 3; i++) {
      memory.gc();
    }
    return memory.getHeapMemoryUsage().getUsed();
  }
}
