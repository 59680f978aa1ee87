package dev.holdfast.lock.internal;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.LockRefusedException;
import dev.holdfast.lock.LockTimeoutException;
import dev.holdfast.lock.LockedCallable;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A name and its options; all the rest is made per call. Small, as one may be kept per name. */
final class NamedLock implements DistributedLock {

  final Engine engine;
  final String storeName;
  final Timing timing;

  NamedLock(Engine engine, String name, Timing timing) {
    this.engine = engine;
    this.storeName = engine.options.prefix().isEmpty() ? name : engine.options.prefix() + name;
    this.timing = timing;
  }

  @Override
  public String name() {
    return storeName.substring(engine.options.prefix().length());
  }

  @Override
  public LockHandle acquire() throws InterruptedException {
    return orThrow(await(Acquisition.NEVER), null);
  }

  @Override
  public LockHandle acquire(Duration maxWait) throws InterruptedException {
    return orThrow(await(checked(maxWait)), maxWait);
  }

  @Override
  public Optional<LockHandle> tryAcquire() throws InterruptedException {
    return tryAcquire(Duration.ZERO);
  }

  @Override
  public Optional<LockHandle> tryAcquire(Duration maxWait) throws InterruptedException {
    Acquisition.Result result = await(checked(maxWait));
    return result instanceof Acquisition.Busy
        ? Optional.empty()
        : Optional.of(orThrow(result, maxWait));
  }

  static long checked(Duration maxWait) {
    if (maxWait.isNegative() || maxWait.compareTo(Timing.LONGEST) > 0) {
      throw new IllegalArgumentException(
          "maxWait must be from zero to 100 years, or use acquire() to wait without limit: "
              + maxWait);
    }
    return maxWait.toNanos();
  }

  private Acquisition.Result await(long maxWait) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted before waiting for " + this);
    }
    CallerThread caller = new CallerThread(engine);
    Acquisition acquisition = new Acquisition(this, maxWait, caller, () -> {});
    acquisition.begin();
    return caller.await(acquisition);
  }

  /** The handle, or the exception that says why there is none. */
  private LockHandle orThrow(Acquisition.Result result, @Nullable Duration maxWait) {
    if (result instanceof Acquisition.Acquired acquired) {
      return acquired.handle();
    }
    String backend = engine.capabilities.backend();
    if (result instanceof Acquisition.Busy busy) {
      Duration waited = maxWait == null ? Duration.ZERO : maxWait;
      throw new LockTimeoutException(
          name(), backend, waited, busy.holder().orElse(null), busy.here());
    }
    if (result instanceof Acquisition.Failed failed) {
      throw engine.failures.translate(name(), failed.failure());
    }
    if (result instanceof Acquisition.Disabled off) {
      throw new LockRefusedException(name(), backend, off.message());
    }
    throw engine.closedException(); // an abandoned one has nobody left to tell
  }

  @Override
  public CompletableFuture<LockHandle> acquireAsync() {
    return async(new CompletableFuture<>());
  }

  /**
   * Acquires into {@code future}. Its other ends withdraw the acquisition; a grant that finds it
   * ended is released.
   */
  CompletableFuture<LockHandle> async(CompletableFuture<LockHandle> future) {
    if (future.isDone()) {
      return future; // a latch that was closed before it came to ask
    }
    AsyncResult result = new AsyncResult(future);
    Acquisition acquisition = new Acquisition(this, Acquisition.NEVER, null, result);
    result.acquisition = acquisition;
    acquisition.begin();
    Stages.whenDone(future, (handle, failure) -> acquisition.abandon());
    return future;
  }

  private final class AsyncResult implements Runnable {

    private final CompletableFuture<LockHandle> future;
    private @Nullable Acquisition acquisition;

    AsyncResult(CompletableFuture<LockHandle> future) {
      this.future = future;
    }

    @Override
    public void run() {
      if (acquisition == null || acquisition.result() == null) {
        return;
      }
      Acquisition.Result result = acquisition.result();
      if (result instanceof Acquisition.Abandoned) {
        return; // the future's own end was the reason
      }
      Stages.detached(engine.callback(() -> complete(result)));
    }

    private void complete(Acquisition.Result result) {
      LockHandle handle;
      try {
        handle = orThrow(result, null);
      } catch (RuntimeException e) {
        future.completeExceptionally(e);
        return;
      }
      if (!future.complete(handle)) {
        Stages.detached(handle.releaseAsync());
      }
    }
  }

  @Override
  public Optional<LockHolder> holder() {
    return engine.inspect(this).holder();
  }

  @Override
  public <T, E extends Exception> T call(LockedCallable<T, E> work) throws E, InterruptedException {
    return LockedWork.call(acquire(), work);
  }

  @Override
  public <T, E extends Exception> Optional<T> tryCall(Duration maxWait, LockedCallable<T, E> work)
      throws E, InterruptedException {
    Optional<LockHandle> held = tryAcquire(maxWait);
    return held.isEmpty() ? Optional.empty() : Optional.of(LockedWork.call(held.get(), work));
  }

  /** Two locks of one client and name are one lock, whatever their options. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NamedLock that
        && engine == that.engine
        && storeName.equals(that.storeName);
  }

  @Override
  public int hashCode() {
    return storeName.hashCode();
  }

  @Override
  public String toString() {
    return "lock '%s' (%s)".formatted(name(), engine.capabilities.backend());
  }
}
