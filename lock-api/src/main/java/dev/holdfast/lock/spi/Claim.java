package dev.holdfast.lock.spi;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to own one name, and afterwards the ownership itself. The engine makes it, the
 * backend stores its {@link #id()}.
 *
 * <p>A claim is compared by identity. It is given to {@link LockBackend#claim} any number of times
 * until it is granted or released, never again after that.
 */
public interface Claim {

  /**
   * Unique over all clients and times: new for every acquisition (CONTRACT.md, A4). Plain ASCII of
   * at most 48 characters, of the set {@code [a-z0-9-]}. The same on every call.
   */
  String id();

  /** The name at the store: the client's prefix and the lock's name, verbatim. */
  String name();

  /** The lease asked for. A backend whose lease belongs to the client may ignore it. */
  Duration lease();

  /** Who asks, for people: {@code host/pid} unless the application said otherwise. */
  String description();

  /**
   * False for one who asks once and does not wait: unless the claim is granted, nothing of it may
   * stay at the store.
   */
  boolean queue();

  /**
   * How long the engine waits for the answer to the present call. A blocking backend returns or
   * throws by then; the others need not look at it.
   */
  Duration patience();

  /**
   * What the backend keeps with this claim (a node's path, a revision), or null. Visible to all
   * threads after {@link #attach}.
   */
  @Nullable Object attachment();

  /** Keeps {@code attachment} with this claim, instead of a map in every backend. */
  void attach(@Nullable Object attachment);
}
