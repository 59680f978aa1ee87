package dev.holdfast.lock.testkit.model;

/** A place on the network: a request or its answer, for which claim, and how long ago S was. */
final class Message {

  final Field kind;
  final Field claim;
  final Field age;

  Message(Layout layout, int kinds, int claims, int oldest) {
    kind = layout.field(kinds);
    claim = layout.field(Math.max(1, claims - 1));
    age = layout.field(oldest);
  }

  boolean isFree(long state) {
    return kind.of(state) == 0;
  }

  long sent(long state, int what, int forClaim) {
    return age.set(claim.set(kind.set(state, what), forClaim), 0);
  }

  long gone(long state) {
    return sent(state, 0, 0);
  }

  /** One tick later: S is longer ago. */
  long aged(long state) {
    return isFree(state) ? state : age.up(state);
  }

  /** {@code state} with a message in the first place that is free; the same if none is. */
  static long send(long state, Message[] places, int what, int claim, int age) {
    for (Message place : places) {
      if (place.isFree(state)) {
        return place.age.set(place.sent(state, what, claim), age);
      }
    }
    return state;
  }
}
