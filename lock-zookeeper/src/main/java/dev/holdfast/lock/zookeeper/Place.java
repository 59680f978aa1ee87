package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.spi.Claim;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Where a claim stands at the store; kept with the claim by {@code attach}. Small, for ten thousand
 * may be held: the path is worked out anew when it is needed.
 */
final class Place {

  /** What is known of the claim's node. */
  sealed interface State permits Nowhere, Entering, Unsure, Entered {}

  /** There is none. */
  record Nowhere() implements State {}

  /** It was asked for; {@code settled} completes when the state is another one. */
  record Entering(CompletableFuture<Void> settled) implements State {}

  /** It was asked for, and the answer was lost. */
  record Unsure(Session session, int attempt) implements State {}

  /** It was created, with this sequence number and token, by this session. */
  record Entered(Session session, int attempt, int sequence, long czxid) implements State {}

  private static final Nowhere NOWHERE = new Nowhere();

  private static final AtomicReferenceFieldUpdater<Place, State> STATE =
      AtomicReferenceFieldUpdater.newUpdater(Place.class, State.class, "state");

  private volatile State state = NOWHERE;
  private volatile @Nullable Wait waiting;
  private int attempts; // changed by the one question that enters

  /** The place of a claim, made at its first question. */
  static Place of(Claim claim) {
    Place known = find(claim);
    if (known != null) {
      return known;
    }
    Place made = new Place();
    claim.attach(made);
    return made;
  }

  /** The place of a claim that was asked for before; else null. */
  static @Nullable Place find(Claim claim) {
    return claim.attachment() instanceof Place place ? place : null;
  }

  State state() {
    return state;
  }

  void state(State next) {
    state = next;
  }

  /** Changes the state; false if it is another one than {@code from} by now. */
  boolean move(State from, State to) {
    return STATE.compareAndSet(this, from, to);
  }

  /** Nothing of the claim is at the store any more. */
  void leave() {
    state = NOWHERE;
  }

  /** This node is not at the store any more; false if the claim stands elsewhere by now. */
  boolean leave(State gone) {
    boolean left = STATE.compareAndSet(this, gone, NOWHERE);
    if (left) {
      waiting = null;
    }
    return left;
  }

  int nextAttempt() {
    return ++attempts;
  }

  @Nullable Wait waiting() {
    return waiting;
  }

  void waiting(@Nullable Wait wait) {
    waiting = wait;
  }

  /** The name of the node in its directory. */
  static String node(Claim claim, Entered entered) {
    return Layout.prefix(claim.id(), entered.attempt) + Layout.sequence(entered.sequence);
  }
}
