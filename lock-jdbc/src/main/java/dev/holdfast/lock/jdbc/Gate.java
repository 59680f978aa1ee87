package dev.holdfast.lock.jdbc;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Between one who works on another thread and one who waits for it: what the worker has not begun
 * when the waiting one leaves, it does not begin.
 */
final class Gate {

  private enum State {
    BEFORE,
    PASSED,
    LEFT
  }

  private final AtomicReference<State> state = new AtomicReference<>(State.BEFORE);

  /** The worker's question before it begins; false if nobody waits any more. */
  boolean pass() {
    return state.compareAndSet(State.BEFORE, State.PASSED);
  }

  /** The waiting one leaves; false if the work has begun. */
  boolean leave() {
    return state.compareAndSet(State.BEFORE, State.LEFT);
  }
}
