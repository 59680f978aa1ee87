package dev.holdfast.lock.testkit.contract;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.LockedCallable;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Shows every handle to {@link Overlaps}, except those of {@link #acquireAsync}. */
record WatchedLock(DistributedLock lock, String storeName, Overlaps overlaps)
    implements DistributedLock {

  private LockHandle seen(LockHandle held) {
    return overlaps.granted(storeName, held);
  }

  @Override
  public String name() {
    return lock.name();
  }

  @Override
  public LockHandle acquire() throws InterruptedException {
    return seen(lock.acquire());
  }

  @Override
  public LockHandle acquire(Duration maxWait) throws InterruptedException {
    return seen(lock.acquire(maxWait));
  }

  @Override
  public Optional<LockHandle> tryAcquire() throws InterruptedException {
    return lock.tryAcquire().map(this::seen);
  }

  @Override
  public Optional<LockHandle> tryAcquire(Duration maxWait) throws InterruptedException {
    return lock.tryAcquire(maxWait).map(this::seen);
  }

  /** As it is: a future of our own in between would be cancelled in another way. */
  @Override
  public CompletableFuture<LockHandle> acquireAsync() {
    return lock.acquireAsync();
  }

  @Override
  public Optional<LockHolder> holder() {
    return lock.holder();
  }

  @Override
  public <T, E extends Exception> T call(LockedCallable<T, E> work) throws E, InterruptedException {
    return lock.<T, E>call(held -> work.call(seen(held)));
  }

  @Override
  public <T, E extends Exception> Optional<T> tryCall(Duration maxWait, LockedCallable<T, E> work)
      throws E, InterruptedException {
    return lock.<T, E>tryCall(maxWait, held -> work.call(seen(held)));
  }
}
