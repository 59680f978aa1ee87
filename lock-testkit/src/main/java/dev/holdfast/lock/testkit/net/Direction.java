package dev.holdfast.lock.testkit.net;

/** The way that bytes take through a {@link FaultProxy}. */
public enum Direction {
  /** Requests. */
  CLIENT_TO_SERVER,
  /** Replies and pushed messages. */
  SERVER_TO_CLIENT
}
