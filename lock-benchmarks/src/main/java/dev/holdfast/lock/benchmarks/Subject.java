package dev.holdfast.lock.benchmarks;

/**
 * What is measured: a way to lock names in a store, open and ready. A new peer is one more of
 * these.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
interface Subject extends AutoCloseable {

  /** Waits until the name is held. */
  Held acquire(String lock) throws Exception;

  /** Whether it can hold thousands of names at a time, taken and released by different threads. */
  default boolean holdsMany() {
    return true;
  }

  /** A name that is held. */
  @FunctionalInterface
  interface Held {

    /**
     * Gives it up, and waits for the store's answer.
     *
     * @return false if it was not held any more
     */
    boolean release() throws Exception;
  }
}
