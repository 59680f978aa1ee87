package dev.holdfast.lock.etcd;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/** What is kept with a claim: under which lease its key is, and since which revision. */
final class Place {

  private static final AtomicIntegerFieldUpdater<Place> UNANSWERED =
      AtomicIntegerFieldUpdater.newUpdater(Place.class, "unanswered");

  private static final int NONE = -1;

  private volatile int unanswered;
  private volatile int slot = NONE;
  private boolean spoilt;
  private volatile boolean withdrawn;
  private volatile boolean granted;
  private volatile long revision;
  private volatile @Nullable Session session;
  private @Nullable Line line;
  private @Nullable CompletableFuture<Void> told;

  /** That of the claim, from its first call on. */
  static Place of(Claim claim) {
    if (claim.attachment() instanceof Place known) {
      return known;
    }
    Place place = new Place();
    claim.attach(place);
    return place;
  }

  /** In what its key ends; takes one if it has none. */
  synchronized int slot(Slots slots) {
    if (slot == NONE) {
      slot = slots.take();
    }
    return slot;
  }

  /** In what its key ends; negative if it has none. */
  int slot() {
    return slot;
  }

  /** Its key is gone for certain; whoever is told true gives the slot back. */
  synchronized boolean end(int ended) {
    if (slot != ended) {
      return false;
    }
    boolean clean = !spoilt;
    slot = NONE;
    revision = 0;
    spoilt = false;
    return clean;
  }

  /** Its key is deleted by its name, now or later: nobody may have the slot after it. */
  synchronized void spoil() {
    spoilt = true;
  }

  /** The lease that its key was put under, or was to be. */
  @Nullable Session session() {
    return session;
  }

  /**
   * A question goes out under this lease, or under the one that the claim was asked for before if
   * that lives: two questions may be on their way, and must be about one key. What is granted stays
   * where it is; else the key has gone with its lease, and no look at it counts any more.
   */
  synchronized Session enter(Session offered) {
    Session entered = session;
    if (entered == null || (entered.isDead() && !granted)) {
      entered = offered;
      session = entered;
      revision = 0;
    }
    UNANSWERED.incrementAndGet(this);
    return entered;
  }

  /** Whether it was put under another lease since, as this one is dead. */
  synchronized boolean hasLeft(Session before) {
    return session != before && before.isDead();
  }

  /** Its key is under another lease now; false if it has been put anew meanwhile. */
  synchronized boolean move(Session from, Session to, long created) {
    if (session != from || revision != created) {
      return false;
    }
    session = to;
    return true;
  }

  /**
   * The question has been answered, or refused for certain; {@code created} is when the key was
   * created that it told of, zero for none. Both at once: a withdrawal that saw the answer without
   * the key would leave the key behind.
   */
  synchronized void answered(long created) {
    if (!granted) {
      revision = Math.max(revision, created);
    }
    UNANSWERED.decrementAndGet(this);
  }

  /** Whether a key may still be created that nobody has heard of. */
  boolean mayStillAppear() {
    return unanswered > 0;
  }

  /**
   * The claim is asked for. If it was granted before, nobody has heard of that: the key may be gone
   * with its lease, and be put anew.
   */
  synchronized void ask() {
    granted = false;
  }

  /**
   * The name is the claim's, by this key and no other: an answer that comes later, and tells of
   * another one, does not change what it holds.
   */
  synchronized Granted grant(Session under) {
    Session its = session;
    boolean before = granted;
    granted = true;
    return (before && its != null ? its : under).granted(revision);
  }

  /** The same, if its key is still the one that was created at this revision. */
  synchronized Optional<ClaimOutcome> grant(Session under, long created) {
    return revision == created ? Optional.of(grant(under)) : Optional.empty();
  }

  boolean isGranted() {
    return granted;
  }

  /**
   * Tells of the end of its key, if it is still this one. Whatever is granted meanwhile is another,
   * and waits for {@link #told}: the engine would take this end for that of the new grant, and
   * leave its key.
   *
   * @param created of the key; zero for whatever was under this lease, which is dead
   */
  void tellEnd(Session under, long created, Runnable telling) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    synchronized (this) {
      if (session != under || (created != 0 && revision != created)) {
        return;
      }
      CompletableFuture<Void> others = told;
      told = others == null ? done : CompletableFuture.allOf(others, done);
    }
    try {
      telling.run();
    } finally {
      done.complete(null);
    }
  }

  /** Completes when nothing is being told of an earlier end. */
  synchronized CompletableFuture<Void> told() {
    CompletableFuture<Void> telling = told;
    return telling == null ? CompletableFuture.completedFuture(null) : telling;
  }

  /** When its key was created; zero if that is not known. */
  long revision() {
    return revision;
  }

  void withdraw() {
    withdrawn = true;
  }

  boolean isWithdrawn() {
    return withdrawn;
  }

  /** The line that it stands in; {@code made} if in none. */
  synchronized Line line(Line made) {
    if (line == null || line.isOver()) {
      line = made;
    }
    return line;
  }

  /** This line has ended. */
  synchronized void forget(Line ended) {
    if (line == ended) {
      line = null;
    }
  }

  /** Stands in no line any more. */
  void leaveLine() {
    Line left;
    synchronized (this) {
      left = line;
      line = null;
    }
    if (left != null) {
      left.end();
    }
  }
}
