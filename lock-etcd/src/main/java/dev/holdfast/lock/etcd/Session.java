package dev.holdfast.lock.etcd;

import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import io.etcd.jetcd.ByteSequence;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One lease at etcd, under which all keys of this client with that length of lease lie. It only
 * remembers; {@link KeepAlive} asks. Safe for concurrent use.
 */
final class Session {

  /** Above this, withdrawn claims of unknown fate are left to the end of the lease. */
  private static final int MOST_SUSPECTS = 10_000;

  /**
   * What the last confirmed answer was worth.
   *
   * @param asOf read before the request was sent
   */
  private record Trust(long asOf, Duration validFor) {}

  private final long id;
  private final long term;
  private volatile Trust trust;
  private final Set<ByteSequence> suspects = ConcurrentHashMap.newKeySet();
  private volatile boolean retired;
  private volatile boolean dead;
  private volatile boolean unconfirmed;
  private boolean left;

  /** A lease that was granted in {@code term}. */
  Session(long id, long term, long asOf, Duration validFor) {
    this.id = id;
    this.term = term;
    this.trust = new Trust(asOf, validFor);
  }

  long id() {
    return id;
  }

  /** The key of this revision is held under the lease: for as long as the lease is certain. */
  Granted granted(long revision) {
    Trust now = trust;
    return new Granted(revision, now.validFor, now.asOf);
  }

  /** An answer was confirmed; one that was sent before the best so far says nothing new. */
  synchronized void renewed(long asOf, Duration validFor) {
    if (!left && asOf - trust.asOf > 0) {
      trust = new Trust(asOf, validFor);
    }
    unconfirmed = false;
  }

  /** Whether less than {@code parts} twelfths of the lease have passed since it was renewed. */
  boolean isYoungerThan(int parts, long now) {
    Trust last = trust;
    return now - last.asOf < last.validFor.toNanos() / 12 * parts;
  }

  /** Whether a leader of this term was not there yet when the lease was granted. */
  boolean isOlderThan(long present) {
    return term != present;
  }

  /**
   * Keys begin to move to another lease. From now on nothing is trusted for longer because this one
   * was renewed, as nobody knows for a while under which of the two a key is. Until then both live:
   * the other is the younger one.
   */
  synchronized void leave() {
    left = true;
    retired = true;
  }

  synchronized boolean isLeft() {
    return left;
  }

  /** No new claims under this one; those that it has go on. */
  void retire() {
    retired = true;
  }

  boolean isRetired() {
    return retired || dead;
  }

  /** Etcd has no such lease any more, and none of its keys. */
  void died() {
    dead = true;
  }

  boolean isDead() {
    return dead;
  }

  /** A round of renewals begins; false if the one before was confirmed. */
  boolean beginRound() {
    boolean before = unconfirmed;
    unconfirmed = true;
    return before;
  }

  /** A claim was withdrawn whose key may still be created. */
  void suspect(ByteSequence key) {
    if (suspects.size() < MOST_SUSPECTS) {
      suspects.add(key);
    } else {
      retired = true;
    }
  }

  void acquit(ByteSequence key) {
    suspects.remove(key);
  }

  boolean hasSuspects() {
    return !suspects.isEmpty();
  }

  boolean isSuspect(ByteSequence key) {
    return suspects.contains(key);
  }

  @Override
  public String toString() {
    return "lease " + Long.toHexString(id);
  }
}
