package dev.holdfast.lock.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Threads that acquire and release as fast as they can. */
record Load(int threads, IntFunction<String> nameOfThread) {

  /** Every thread has a name of its own. */
  static Load ownNames(int threads) {
    return new Load(threads, thread -> "own-" + thread);
  }

  /** All threads want the same name. */
  static Load oneName(int threads) {
    return new Load(threads, thread -> "same");
  }

  /** Pairs of acquire and release per second, of all threads together. */
  double run(Subject subject, Duration time) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      long start = System.nanoTime();
      List<Future<Long>> counts = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        String lock = nameOfThread.apply(thread);
        counts.add(executor.submit(() -> pairs(subject, lock, start + time.toNanos())));
      }
      long pairs = 0;
      for (Future<Long> count : counts) {
        pairs += count.get();
      }
      return pairs * 1e9 / (System.nanoTime() - start);
    } finally {
      executor.shutdownNow();
    }
  }

  private static long pairs(Subject subject, String lock, long end) throws Exception {
    long pairs = 0;
    while (System.nanoTime() - end < 0) {
      pairs += subject.acquire(lock).release() ? 1 : 0;
    }
    return pairs;
  }
}
