package dev.holdfast.lock.benchmarks;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.benchmarks.StubStore.Answers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the engine adds to a free lock's acquire and release, over a store that does nothing; {@code
 * ./bench jmh EngineBenchmark -prof gc}. The limit makes the same two calls and waits for their
 * answers.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EngineBenchmark {

  /** How the store answers: at once, as a blocking driver, or from a driver's thread. */
  @Param({"DIRECT", "BLOCKING", "DRIVER"})
  public String answers = "DIRECT";

  private StubStore store = new StubStore(Answers.DIRECT);
  private LockClient locks = LockClient.over(store);

  /** Opens the client. */
  @Setup
  public void open() {
    locks.close();
    store.close();
    store = new StubStore(Answers.valueOf(answers));
    locks = LockClient.over(store);
  }

  /** Closes it. */
  @TearDown
  public void close() {
    locks.close();
    store.close();
  }

  /** A name of each thread's own. */
  @State(Scope.Thread)
  public static class OwnName {

    private static final AtomicInteger NAMES = new AtomicInteger();

    private String name = "";

    /** Takes a name. */
    @Setup(Level.Trial)
    public void take() {
      name = "own-" + NAMES.incrementAndGet();
    }
  }

  /** Acquire and release, as applications do. */
  @Benchmark
  public ReleaseResult pair(OwnName own) throws InterruptedException {
    DistributedLock lock = locks.lock(own.name);
    return lock.acquire().release();
  }

  /** The same two requests without the engine. */
  @Benchmark
  public Object limit(OwnName own) {
    CompletableFuture<?> claimed = store.answer(own.name);
    Object token = claimed.join();
    return store.answer(token).join();
  }
}
