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

  /** An open gate for one who works on its own thread. */
  static Gate passed() {
    Gate gate = new Gate();
    gate.state.set(State.PASSED);
    return gate;
  }

  /** The worker's question before it begins; false if nobody waits any more. */
  boolean pass() {
    return state.compareAndSet(State.BEFORE, State.PASSED);
  }

  /** Leaves if nothing has begun. */
  boolean leaveUnlessPassed() {
    return state.compareAndSet(State.BEFORE, State.LEFT);
  }

  /** Leaves, whatever has begun. */
  void leave() {
    state.set(State.LEFT);
  }

  /** The worker's question before it makes its work last. */
  boolean isLeft() {
    return state.get() == State.LEFT;
  }
}
