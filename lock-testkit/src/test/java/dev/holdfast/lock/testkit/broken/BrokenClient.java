package dev.holdfast.lock.testkit.broken;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LatchOptions;
import dev.holdfast.lock.LeaderLatch;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockedCallable;
import dev.holdfast.lock.spi.LockCapabilities;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** A client whose handles are broken. */
record BrokenClient(LockClient healthy, UnaryOperator<LockHandle> way) implements LockClient {

  @Override
  public DistributedLock lock(String name, LockOptions options) {
    return new Lock(healthy.lock(name, options), way);
  }

  @Override
  public LeaderLatch leaderLatch(String name, LatchOptions options) {
    return healthy.leaderLatch(name, options);
  }

  @Override
  public LockCapabilities capabilities() {
    return healthy.capabilities();
  }

  @Override
  public void close() {
    healthy.close();
  }

  private record Lock(DistributedLock healthy, UnaryOperator<LockHandle> way)
      implements DistributedLock {

    @Override
    public String name() {
      return healthy.name();
    }

    @Override
    public LockHandle acquire() throws InterruptedException {
      return way.apply(healthy.acquire());
    }

    @Override
    public LockHandle acquire(Duration maxWait) throws InterruptedException {
      return way.apply(healthy.acquire(maxWait));
    }

    @Override
    public Optional<LockHandle> tryAcquire() throws InterruptedException {
      return healthy.tryAcquire().map(way);
    }

    @Override
    public Optional<LockHandle> tryAcquire(Duration maxWait) throws InterruptedException {
      return healthy.tryAcquire(maxWait).map(way);
    }

    @Override
    public CompletableFuture<LockHandle> acquireAsync() {
      return healthy.acquireAsync();
    }

    @Override
    public Optional<LockHolder> holder() {
      return healthy.holder();
    }

    @Override
    public <T, E extends Exception> T call(LockedCallable<T, E> work)
        throws E, InterruptedException {
      return healthy.<T, E>call(held -> work.call(way.apply(held)));
    }

    @Override
    public <T, E extends Exception> Optional<T> tryCall(Duration maxWait, LockedCallable<T, E> work)
        throws E, InterruptedException {
      return healthy.<T, E>tryCall(maxWait, held -> work.call(way.apply(held)));
    }
  }
}
