package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.spi.Ticker;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How long a session is certain to live, worked out from what its server has answered.
 *
 * <p>The leader ends a session T after it last heard of it. A server that is not the leader tells
 * it whom it heard, with its answer to the leader's ping, every half tick; so what it heard before
 * that answer counts, and what it heard later may never be told. An answered write proves that the
 * leader and this server still spoke to each other after the write's S, and a tick is at most T/2
 * (ZooKeeper's least session timeout, unless configured lower). Therefore, with S of an answered
 * write:
 *
 * <ul>
 *   <li>A request P of this connection that was answered by S − T/4 was heard before a ping that
 *       the leader has seen: the session lives until P + T. With a beacon every T/8 that is S + 5/8
 *       T and more.
 *   <li>After an idle time nothing of ours is known, but the client itself pings every T/3, so one
 *       was heard between S − 7/12 T and S − T/4: S + 5/12 T. Not if answers were slow at that
 *       time, for then its pings may have been late as well.
 *   <li>On a new connection the leader heard of the session when that was made, later than the last
 *       answer A on the one before: A + T.
 * </ul>
 *
 * <p>All this is about when bytes were received, and "answered" is the only proof of that: a
 * request that was only sent may have been stalled on its way.
 *
 * <p>Guarded by {@code lock}: everything.
 */
final class Trust {

  /**
   * The life of a session as far as it is certain.
   *
   * @param validFor at most 5/8 T
   * @param asOf the S of the write that proves it
   */
  record Lease(Duration validFor, long asOf) {}

  /** More than the beacons of two T. */
  private static final int KEPT = 64;

  private final Ticker ticker;
  private final ReentrantLock lock = new ReentrantLock();
  private final long[] sent = new long[KEPT];
  private final long[] answered = new long[KEPT];
  private int known;
  private boolean heard;
  private long heardAt;
  private boolean heardBefore;
  private long heardBeforeAt;
  private boolean slow;
  private long slowSince;
  private long slowUntil;
  private boolean certain;
  private long provenBy;
  private long trusted;

  Trust(Ticker ticker) {
    this.ticker = ticker;
  }

  /**
   * The server has answered.
   *
   * @param sentAt read before the request was sent
   * @param timeout nanoseconds, as negotiated: T above
   * @param write whether the request was a write that a quorum has confirmed
   */
  void answered(long sentAt, long timeout, boolean write) {
    lock.lock();
    try {
      long now = ticker.read();
      if (write) {
        extend(sentAt, timeout);
      }
      if (now - sentAt > timeout / 10) { // less is what the margin is for
        slowSince = slow && now - slowUntil < timeout ? slowSince : sentAt;
        slowUntil = now;
        slow = true;
      }
      if (known == 0 || now - answered[(known - 1) % KEPT] >= timeout / 32) {
        sent[known % KEPT] = sentAt;
        answered[known % KEPT] = now;
        known = known == 2 * KEPT - 1 ? KEPT : known + 1;
      }
      heard = true;
      heardAt = now;
    } finally {
      lock.unlock();
    }
  }

  /** The connection is gone; what was answered on it says nothing of the next one's server. */
  void disconnected() {
    lock.lock();
    try {
      known = 0;
      heardBefore = heard || heardBefore;
      heardBeforeAt = heard ? heardAt : heardBeforeAt;
      heard = false;
    } finally {
      lock.unlock();
    }
  }

  /** What is certain now; nothing is before the first answered write. */
  Lease lease() {
    lock.lock();
    try {
      return certain
          ? new Lease(Duration.ofNanos(trusted), provenBy)
          : new Lease(Duration.ZERO, ticker.read());
    } finally {
      lock.unlock();
    }
  }

  private void extend(long write, long timeout) {
    boolean wasSlow =
        slow && slowSince - (write - timeout / 4) < 0 && write - slowUntil < timeout * 7 / 12;
    if (!wasSlow) {
      raise(write, timeout, write + timeout * 5 / 12);
    }
    if (heardBefore) {
      raise(write, timeout, heardBeforeAt + timeout);
    }
    for (int i = known - 1; i >= Math.max(0, known - KEPT); i--) {
      if (write - answered[i % KEPT] >= timeout / 4) {
        raise(write, timeout, sent[i % KEPT] + timeout);
        return;
      }
    }
  }

  /** Never to more than 5/8 T after the write: no {@code asOf} lies after its request. */
  private void raise(long write, long timeout, long bound) {
    long capped = Math.min(bound - write, timeout * 5 / 8);
    if (capped > 0 && (!certain || write + capped - (provenBy + trusted) > 0)) {
      certain = true;
      provenBy = write;
      trusted = capped;
    }
  }
}
