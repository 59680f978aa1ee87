package dev.holdfast.lock.testkit.contract;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.testkit.net.FaultProxy;
import java.time.Duration;

/**
 * The way of some holders to their store, on which the fault contract lets things happen. A fault
 * lasts until {@link #heal}, or until another takes its place.
 */
public interface FaultPath extends AutoCloseable {

  /**
   * A way through a proxy that was there before, as a store needs that must know its proxies.
   *
   * @param uri by which clients come through it
   * @param end what {@link #close} does, and all of it
   */
  static FaultPath through(FaultProxy proxy, String uri, Runnable end) {
    return new ProxyPath(proxy, uri, end);
  }

  /** A client that reaches its store by this way. */
  LockClient connect(LockClientOptions options);

  /** Nothing comes through, in either direction, and nothing of it ever will. */
  void blackHole();

  /** Requests are lost, answers come through. */
  void loseRequests();

  /** Requests come through, answers are lost. */
  void loseReplies();

  /** Connections are broken, and no new ones come about. */
  void cut();

  /** Connections are broken, once; new ones come about. */
  void reset();

  /** Nothing comes through until the way is healed; then all of it comes, late. */
  void stall();

  /** Answers are late by this much. */
  void delayReplies(Duration by);

  /** Ends all faults. */
  void heal();

  /** Whether {@link #endRequests} and {@link #endReplies} can be. */
  default boolean canHalfClose() {
    return false;
  }

  /** On every connection the server is told that the client sends no more. */
  default void endRequests() {
    throw new UnsupportedOperationException("endRequests");
  }

  /** On every connection the client is told that the server sends no more. */
  default void endReplies() {
    throw new UnsupportedOperationException("endReplies");
  }

  /** From now on the way leads to where {@code control} says now; connections are broken. */
  default void redirect(ServerControl control) {
    throw new UnsupportedOperationException("redirect");
  }

  @Override
  void close();
}
