package dev.holdfast.lock.testkit.history;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The store that a lock protects, as it should be: it takes a write only with a fencing token that
 * is not below the highest it has seen.
 *
 * <p><b>Threads.</b> Safe for concurrent use; writes take effect one after another.
 *
 * <p>For several processes see {@link FencedRegisterServer}.
 */
public final class FencedRegister {

  private final ReentrantLock lock = new ReentrantLock();
  private long highest = Long.MIN_VALUE;
  private String value = "";
  private long accepted;
  private long rejected;

  /** An empty register that has seen no token. */
  public FencedRegister() {}

  /**
   * Writes, if the token allows it.
   *
   * @param token of the writer's grant
   * @param text what to keep
   * @return whether it was accepted; false if a higher token has been seen
   */
  public boolean write(long token, String text) {
    lock.lock();
    try {
      if (token < highest) {
        rejected++;
        return false;
      }
      highest = token;
      value = text;
      accepted++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * What it holds.
   *
   * @return the last accepted text, empty at first
   */
  public String value() {
    return snapshot().value();
  }

  /**
   * How many writes were accepted.
   *
   * @return the count
   */
  public long accepted() {
    return snapshot().accepted();
  }

  /**
   * How many writes were rejected.
   *
   * @return the count
   */
  public long rejected() {
    return snapshot().rejected();
  }

  /**
   * All at one instant.
   *
   * @return the state
   */
  public State snapshot() {
    lock.lock();
    try {
      return new State(highest, value, accepted, rejected);
    } finally {
      lock.unlock();
    }
  }

  /**
   * A register's state.
   *
   * @param highest the highest token seen; {@link Long#MIN_VALUE} before the first write
   * @param value the last accepted text
   * @param accepted how many writes were accepted
   * @param rejected how many were rejected
   */
  public record State(long highest, String value, long accepted, long rejected) {}
}
