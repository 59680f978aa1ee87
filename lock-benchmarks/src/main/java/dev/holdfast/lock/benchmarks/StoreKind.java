package dev.holdfast.lock.benchmarks;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * A kind of store to measure on. A new backend adds one of these, and one {@link Subject}: its
 * limit.
 */
interface StoreKind {

  /** What it is called on the command line. */
  String name();

  /** Starts a server. */
  Server start() throws Exception;

  /**
   * What is measured in turns: first the barest lock that the store allows through the same driver,
   * which is what 1.00 means; then the others.
   */
  List<Contender> contenders();

  /** Whether other processes can connect to its URI. */
  default boolean isShared() {
    return true;
  }

  /** How many locks held at a time are what a user would ask of it. */
  default int mostHeld() {
    return Integer.MAX_VALUE;
  }

  /** A server that runs. */
  interface Server extends AutoCloseable {

    /** Which version, and where it came from. */
    String description();

    /** For {@link dev.holdfast.lock.LockClient#connect}, also in other processes. */
    String uri();

    /** What the server has worked on so far, by its own counter, if it has one. */
    OptionalLong operations() throws Exception;

    /** How late that counter may be. */
    default Duration counterDelay() {
      return Duration.ZERO;
    }
  }
}
