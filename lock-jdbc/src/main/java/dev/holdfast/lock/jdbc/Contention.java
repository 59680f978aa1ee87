package dev.holdfast.lock.jdbc;

/** Others were in the way: no failure, and not yet an answer. */
final class Contention extends Exception {

  private static final long serialVersionUID = 1L;

  Contention(Throwable cause) {
    super("contention", cause, false, false);
  }
}
