package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockObserver;
import dev.holdfast.lock.ReleaseResult;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Notes what it sees, and throws. */
final class RudeObserver implements LockObserver {

  private final Set<String> seen;

  RudeObserver(Set<String> seen) {
    this.seen = seen;
  }

  private void see(String what) {
    seen.add(what);
    throw new OnPurpose("thrown by an observer");
  }

  @Override
  public void attempted(String lockName) {
    see("attempted");
  }

  @Override
  public void waiting(String lockName, Optional<LockHolder> holder) {
    see("waiting");
  }

  @Override
  public void granted(String lockName, long fencingToken, Duration waited) {
    see("granted");
  }

  @Override
  public void notAcquired(String lockName, Duration waited) {
    see("notAcquired");
  }

  @Override
  public void renewed(String lockName, long fencingToken, Duration remaining) {
    see("renewed");
  }

  @Override
  public void lost(LockLoss loss) {
    see("lost");
  }

  @Override
  public void released(String lockName, long fencingToken, ReleaseResult result, Duration held) {
    see("released");
  }
}
