package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockObserver;
import dev.holdfast.lock.ReleaseResult;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what an observer throws away from the engine. */
record SafeObserver(LockObserver observer) implements LockObserver {

  private static final Logger LOG = LoggerFactory.getLogger(SafeObserver.class);

  /** The observer itself where it cannot throw. */
  static LockObserver of(LockObserver observer) {
    return observer == LockObserver.NONE ? observer : new SafeObserver(observer);
  }

  @Override
  public void attempted(String lockName) {
    safely(() -> observer.attempted(lockName));
  }

  @Override
  public void waiting(String lockName, Optional<LockHolder> holder) {
    safely(() -> observer.waiting(lockName, holder));
  }

  @Override
  public void granted(String lockName, long fencingToken, Duration waited) {
    safely(() -> observer.granted(lockName, fencingToken, waited));
  }

  @Override
  public void notAcquired(String lockName, Duration waited) {
    safely(() -> observer.notAcquired(lockName, waited));
  }

  @Override
  public void renewed(String lockName, long fencingToken, Duration remaining) {
    safely(() -> observer.renewed(lockName, fencingToken, remaining));
  }

  @Override
  public void lost(LockLoss loss) {
    safely(() -> observer.lost(loss));
  }

  @Override
  public void released(String lockName, long fencingToken, ReleaseResult result, Duration held) {
    safely(() -> observer.released(lockName, fencingToken, result, held));
  }

  private static void safely(Runnable call) {
    try {
      call.run();
    } catch (Throwable e) {
      LOG.warn("A LockObserver threw; ignored", e);
    }
  }
}
