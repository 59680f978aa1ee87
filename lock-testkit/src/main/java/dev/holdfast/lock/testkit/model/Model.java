package dev.holdfast.lock.testkit.model;

import org.jspecify.annotations.Nullable;

/**
 * A protocol as states and the steps between them. A state is one {@code long}, cut into {@link
 * Field}s; the number of states must be finite, so time is told by what is left of it.
 *
 * <p>Called by one thread; without side effects.
 */
public interface Model {

  /** The state in which everything begins. */
  long start();

  /** Gives every state that one step leads to. */
  void steps(long state, Steps steps);

  /** The rule that {@code state} breaks, or null. */
  @Nullable String broken(long state);

  /** Where a model puts the steps that are possible. */
  @FunctionalInterface
  interface Steps {
    /**
     * One possible step.
     *
     * @param what happens in it, for people; a constant, since it is wanted for every step
     * @param next the state that it leads to
     */
    void to(String what, long next);
  }
}
