package dev.holdfast.lock.benchmarks;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What an application pays for asking whether it still holds the lock; {@code ./bench jmh}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HandleBenchmark {

  private final LockClient locks = LockClient.connect("memory:handle");
  private final LockHandle held = locks.lock("asked").acquireAsync().join();

  /** Releases what is measured. */
  @TearDown
  public void close() {
    locks.close();
  }

  /** Before an effect. */
  @Benchmark
  public boolean isHeld() {
    return held.isHeld();
  }

  /** Before an effect that takes a while. */
  @Benchmark
  public Duration remaining() {
    return held.remaining();
  }
}
