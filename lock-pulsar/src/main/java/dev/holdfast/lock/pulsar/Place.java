package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** What is kept with a claim of this client. Guarded by the {@link LockTopic} that it is in. */
final class Place {

  final Claim claim;

  /** When each of its records was sent, by its number, until a later one has been read back. */
  private final TreeMap<Long, Long> sent = new TreeMap<>();

  private long lastNumber;
  private long asOf;

  /** How many CLAIMs were sent and not read back: while there are any, one may still appear. */
  int underway;

  /** Whether the log has shown it in the line. */
  boolean entered;

  /** Whether it was told that it has the lock. */
  boolean granted;

  /** Nobody wants it any more. Also read without the monitor: it is never taken back. */
  volatile boolean withdrawn;

  /** The lock that it is in, from its first question on. */
  volatile @Nullable LockTopic topic;

  /** Of the question that is not answered yet. */
  @Nullable CompletableFuture<ClaimOutcome> answer;

  /** What it is told while it waits. */
  CompletableFuture<ClaimOutcome> next = new CompletableFuture<>();

  /** Of the release that is not answered yet. */
  @Nullable CompletableFuture<ReleaseOutcome> releasing;

  /** Whether the log is to show that release. */
  boolean releaseSent;

  /** When it looks whether those before it are dead. */
  @Nullable Future<?> judgement;

  private Place(Claim claim) {
    this.claim = claim;
  }

  /** That of the claim, from its first call on. */
  static Place of(Claim claim) {
    if (claim.attachment() instanceof Place known) {
      return known;
    }
    Place place = new Place(claim);
    claim.attach(place);
    return place;
  }

  /** The number for a record that is about to be sent. */
  long number(long now) {
    if (lastNumber == 0) {
      asOf = now; // nothing of it can count from before
    }
    sent.put(++lastNumber, now);
    return lastNumber;
  }

  /** The record of this number stands in the log, and is the last sign of life there. */
  void readBack(long number) {
    Long since = sent.get(number);
    if (since != null) {
      asOf = since;
      sent.headMap(number).clear();
    }
  }

  /** When the last sign of life that stands in the log was sent. */
  long asOf() {
    return asOf;
  }

  String id() {
    return claim.id();
  }
}
