package dev.holdfast.lock.testkit;

import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.TimeUnit;

/** One step that is to happen in {@link VirtualTime}, perhaps again and again. */
final class VirtualTask<T> extends FutureTask<T> implements RunnableScheduledFuture<T> {

  private final VirtualTime time;
  private final long period;

  /** Guarded by the lock of {@code time}. */
  long due;

  long sequence;

  VirtualTask(VirtualTime time, Callable<T> step, long period) {
    super(step);
    this.time = time;
    this.period = period;
  }

  @Override
  public void run() {
    if (!isPeriodic()) {
      super.run();
    } else if (super.runAndReset()) {
      time.schedule(this, period);
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    time.remove(this);
    return super.cancel(mayInterruptIfRunning);
  }

  @Override
  public boolean isPeriodic() {
    return period > 0;
  }

  @Override
  public long getDelay(TimeUnit unit) {
    return unit.convert(due - time.now(), TimeUnit.NANOSECONDS);
  }

  @Override
  public int compareTo(Delayed other) {
    VirtualTask<?> that = (VirtualTask<?>) other;
    int byTime = Long.compare(due, that.due);
    return byTime != 0 ? byTime : Long.compare(sequence, that.sequence);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
