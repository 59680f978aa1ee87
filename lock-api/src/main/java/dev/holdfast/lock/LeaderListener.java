package dev.holdfast.lock;

/**
 * Told when leadership comes and goes. Per latch the calls follow {@code (elected deposed)*}, one
 * at a time, on the client's callback executor, and none comes after {@link LeaderLatch#close()}
 * has returned (CONTRACT.md, E1). A term that ends before a listener was told of its beginning is
 * not told to it at all. An exception thrown here is logged and changes nothing.
 */
public interface LeaderListener {

  /**
   * This participant leads. Should start the work and return; if it is still running when
   * leadership is lost, its thread is interrupted, for {@link #deposed} can only follow its return.
   *
   * @param leadership the lock that is the leadership; released by the latch, not by the listener
   * @throws InterruptedException if interrupted because leadership was lost
   */
  void elected(LockHandle leadership) throws InterruptedException;

  /**
   * This participant does not lead any more; {@link LeaderLatch#hasLeadership()} is false already.
   * Should return when the work has stopped: when leadership is given up on purpose the store hears
   * of it only then, or after {@link LatchOptions#stepDownTimeout()}.
   */
  void deposed(LockLoss loss);
}
