package dev.holdfast.lock.testkit.contract;

import dev.holdfast.lock.LockHandle;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The standing oracle: when a grant is seen, no earlier handle of that name may say that it is held
 * (X1), and the token must be greater than all before (F1).
 *
 * <p>Names are as at the store. Handles are kept weakly, so that a test may drop one.
 */
final class Overlaps {

  private record Grant(WeakReference<LockHandle> handle, long token) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Grant> last = new HashMap<>();
  private final List<String> violations = new CopyOnWriteArrayList<>();

  LockHandle granted(String name, LockHandle handle) {
    lock.lock();
    try {
      Grant grant = new Grant(new WeakReference<>(handle), handle.fencingToken());
      Grant before = last.put(name, grant);
      if (before != null) {
        check(handle, before);
      }
      return handle;
    } finally {
      lock.unlock();
    }
  }

  /** The record of this name is deleted on purpose: its holder cannot be told first (L1). */
  void deleted(String name) {
    lock.lock();
    try {
      last.computeIfPresent(
          name, (key, grant) -> new Grant(new WeakReference<>(null), grant.token()));
    } finally {
      lock.unlock();
    }
  }

  private void check(LockHandle handle, Grant before) {
    LockHandle earlier = before.handle().get();
    if (earlier != null && earlier.isHeld()) {
      violations.add(
          "X1: lock '%s' was granted with token %d while the holder of token %d said isHeld()"
              .formatted(handle.lockName(), handle.fencingToken(), before.token()));
    }
    if (handle.fencingToken() <= before.token()) {
      violations.add(
          "F1: lock '%s' was granted with token %d after token %d"
              .formatted(handle.lockName(), handle.fencingToken(), before.token()));
    }
  }

  /** What went wrong so far. */
  List<String> violations() {
    return violations;
  }
}
