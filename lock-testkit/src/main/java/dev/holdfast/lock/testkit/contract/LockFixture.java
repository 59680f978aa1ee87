package dev.holdfast.lock.testkit.contract;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.testkit.fault.Faults;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the contract has to know of a store: the one thing that the author of a backend writes.
 *
 * <p>Only the first two methods must be written; each of the others opens more tests, which are
 * skipped otherwise. A fixture serves one test class and is closed after it, so what is slow to
 * start (the server) belongs into a static field of the test.
 *
 * <p>Faults need no help from the fixture: the contract puts them between the engine and whatever
 * {@link #connect} opens.
 */
public interface LockFixture extends AutoCloseable {

  /**
   * A way to the store: each backend that it opens has a connection of its own and competes with
   * all the others.
   */
  LockBackendFactory connect();

  /**
   * The same for a store whose driver keeps a session alive by itself: what interrupts {@code line}
   * must hold back the driver's connection too, or nobody would ever follow a holder that is cut
   * off. What was held back arrives late, when the line is healed; see {@link Faults#follow}.
   */
  default LockBackendFactory connect(Faults line) {
    return connect();
  }

  /**
   * The engine over a backend: ours, unless another is put to the contract.
   *
   * @param backend from {@link #connect}, with the faults of a test before it
   * @param options of the test
   */
  default LockClient client(LockBackendFactory backend, LockClientOptions options) {
    return LockClient.over(backend, options);
  }

  /**
   * Deletes who holds {@code name}, as an operator would with the store's own tools. Nothing that
   * the contract asks for may be deleted with it: not the counter of tokens, if that is a record of
   * its own.
   *
   * @param name as at the store
   */
  void deleteRecord(String name) throws Exception;

  /**
   * The lease that the tests work with. Shorter makes them faster; the margin is 200 ms at least,
   * so under 1.5 s a loaded machine has little left. Default: 2 s.
   */
  default Duration lease() {
    return Duration.ofSeconds(2);
  }

  /**
   * How much of {@link #lease} a renewal is trusted for, which the renewal period follows: less
   * than all of it where a session's server tells its leader late whom it has heard.
   */
  default Duration trust() {
    return lease();
  }

  /**
   * How long the tests' clients wait for one answer of the store. Longer makes the tests of outages
   * longer; shorter than what the store may take on a loaded machine, such as for the first use of
   * a name, makes them fail by chance. Default: 1 s.
   */
  default Duration patience() {
    return Duration.ofSeconds(1);
  }

  /**
   * How many things of clients are at the store now: grants, places in queues, sessions, keys,
   * nodes, rows that will not be purged. Must return to what it was before each test.
   *
   * @return empty if that cannot be told
   */
  default OptionalLong residue() throws Exception {
    return OptionalLong.empty();
  }

  /**
   * The number of operations (commands, statements, requests) that the server has worked on since
   * it started, by its own counter.
   *
   * @return empty if that cannot be told
   */
  default OptionalLong operations() throws Exception {
    return OptionalLong.empty();
  }

  /**
   * Lets all answers of the store be late by this much from now on, on the network: below the
   * backend, where an {@code asOf} that is read too late does harm. Zero ends it.
   *
   * @return false if this fixture has no proxy to do it with
   */
  default boolean delayReplies(Duration by) throws Exception {
    return false;
  }

  /**
   * Stops the store and starts it again on the same data.
   *
   * @return false if this fixture cannot
   */
  default boolean restartStore() throws Exception {
    return false;
  }

  /**
   * The URI by which another process on this host reaches the store that {@link #connect} leads to.
   *
   * @return empty if there is none
   */
  default Optional<String> uri() throws Exception {
    return Optional.empty();
  }

  /**
   * Whether a thread that is still there after a test belongs to the fixture, or to a driver that
   * keeps it for good.
   */
  default boolean isOwnThread(Thread thread) {
    return false;
  }

  /** Gives back what the fixture has opened. */
  @Override
  default void close() throws Exception {}
}
