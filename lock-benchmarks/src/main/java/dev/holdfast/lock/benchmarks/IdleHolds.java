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
 * @param heapPerLock bytes in this JVM, the name and the caller's reference included
 * @param lost how many were lost: none, if all is well
 */
record IdleHolds(OptionalDouble operationsPerSecond, long heapPerLock, int lost) {

  private static final int THREADS = 16;

  /**
   * Holds locks and looks on.
   *
   * @param time at least two renewal periods, to say anything
   */
  static IdleHolds measure(StoreKind.Server server, Subject subject, int count, Duration time)
      throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(THREADS);
    try {
      subject.acquire("idle").release();
      long before = usedHeap();
      List<Subject.Held> held = acquire(subject, count, executor);
      long heap = usedHeap() - before;
      Thread.sleep(server.counterDelay().toMillis());
      OptionalDouble rate = operationsPerSecond(server, time);
      return new IdleHolds(rate, heap / count, count - release(held, executor));
    } finally {
      executor.shutdownNow();
    }
  }

  private static List<Subject.Held> acquire(Subject subject, int count, ExecutorService executor)
      throws Exception {
    List<Future<Subject.Held>> grants = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = "idle-" + i;
      grants.add(executor.submit(() -> subject.acquire(name)));
    }
    List<Subject.Held> held = new ArrayList<>(count);
    for (Future<Subject.Held> grant : grants) {
      held.add(grant.get());
    }
    return held;
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
