package dev.holdfast.lock.benchmarks;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.ReleaseResult;

/** Holdfast, as an application uses it, with its defaults. */
final class HoldfastSubject implements Subject {

  private final LockClient locks;

  HoldfastSubject(String uri) {
    locks = LockClient.connect(uri);
  }

  @Override
  public Held acquire(String lock) throws InterruptedException {
    LockHandle held = locks.lock(lock).acquire();
    return () -> held.release() == ReleaseResult.RELEASED;
  }

  @Override
  public void close() {
    locks.close();
  }
}
