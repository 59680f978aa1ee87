package dev.holdfast.lock.spi;

import java.time.Duration;

/**
 * What a store can and cannot do. The engine adapts to it, the contract tests skip what it lacks
 * and say so, and applications can ask for it.
 *
 * @param backend what it calls itself in messages, for instance {@code jdbc:postgresql}
 * @param blocking whether calls block their thread (JDBC), or are answered later by the driver
 * @param queue whether the store itself serves clients in order of arrival (CONTRACT.md, W4)
 * @param wakes whether the store wakes a waiter; where not, the engine polls
 * @param leaseScope whose the lease is
 * @param minLease the shortest lease that this store can keep
 * @param maxLease the longest
 * @param leaseClock by which clock the store counts leases
 * @param fencing how well tokens survive the loss of data
 * @param participants whether {@link LockView#waiting()} tells who waits
 */
public record LockCapabilities(
    String backend,
    boolean blocking,
    boolean queue,
    boolean wakes,
    LeaseScope leaseScope,
    Duration minLease,
    Duration maxLease,
    LeaseClock leaseClock,
    Fencing fencing,
    boolean participants) {

  /** Whose a lease is. */
  public enum LeaseScope {
    /** Each lock has its own lease: Redis, JDBC, Pulsar. */
    LOCK,
    /** All locks of a client live under one session: ZooKeeper, etcd. */
    CLIENT
  }

  /** By which clock the store decides that a lease has run out. */
  public enum LeaseClock {
    /** One that nobody can set: a step of the wall clock does nothing. */
    MONOTONIC,
    /** The store's wall clock: a step forward ends leases early, which cannot be told first. */
    WALL
  }

  /** How far tokens are certain to increase. */
  public enum Fencing {
    /** Always, as long as the store keeps what it has confirmed. */
    STRICT,
    /** Save when the store loses confirmed data, or is promoted without it. */
    BEST_EFFORT
  }

  /**
   * The capabilities of the plainest store: compare-and-set with an expiry, polled, answered
   * asynchronously, leases per lock of 0.5 s to a day by a monotonic clock, strict tokens. Change
   * what differs with the {@code with} methods.
   */
  public static LockCapabilities of(String backend) {
    return new LockCapabilities(
        backend,
        false,
        false,
        false,
        LeaseScope.LOCK,
        Duration.ofMillis(500),
        Duration.ofDays(1),
        LeaseClock.MONOTONIC,
        Fencing.STRICT,
        false);
  }

  /** The same, for a store whose calls block. */
  public LockCapabilities withBlocking() {
    return new LockCapabilities(
        backend,
        true,
        queue,
        wakes,
        leaseScope,
        minLease,
        maxLease,
        leaseClock,
        fencing,
        participants);
  }

  /** The same, for a store that serves clients in order of arrival and wakes them. */
  public LockCapabilities withQueue() {
    return new LockCapabilities(
        backend,
        blocking,
        true,
        true,
        leaseScope,
        minLease,
        maxLease,
        leaseClock,
        fencing,
        participants);
  }

  /** The same, for a store that wakes waiters, in whatever order. */
  public LockCapabilities withWakeUps() {
    return new LockCapabilities(
        backend,
        blocking,
        queue,
        true,
        leaseScope,
        minLease,
        maxLease,
        leaseClock,
        fencing,
        participants);
  }

  /** The same, with this lease. */
  public LockCapabilities withLease(
      LeaseScope scope, Duration shortest, Duration longest, LeaseClock clock) {
    return new LockCapabilities(
        backend, blocking, queue, wakes, scope, shortest, longest, clock, fencing, participants);
  }

  /** The same, with this strength of tokens. */
  public LockCapabilities withFencing(Fencing strength) {
    return new LockCapabilities(
        backend,
        blocking,
        queue,
        wakes,
        leaseScope,
        minLease,
        maxLease,
        leaseClock,
        strength,
        participants);
  }

  /** The same, for a store that tells who waits. */
  public LockCapabilities withParticipants() {
    return new LockCapabilities(
        backend, blocking, queue, wakes, leaseScope, minLease, maxLease, leaseClock, fencing, true);
  }
}
