package dev.holdfast.lock.redis;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The claims of this client that may be in a queue at the server, by their ids: who a message is
 * for.
 *
 * <p>A claim is here from before it asks until it is granted or released, so a message that
 * overtakes the answer finds it.
 */
final class Waiters {

  private final Map<String, Place> places = new ConcurrentHashMap<>();
  private final boolean confirm;

  /**
   * Of one client.
   *
   * @param confirm whether a grant that the server hands over counts only after this client has
   *     asked for it once more, with its replicas
   */
  Waiters(boolean confirm) {
    this.confirm = confirm;
  }

  /** What is kept with a claim that waits. */
  static final class Place {

    private final Claim claim;
    private volatile CompletableFuture<ClaimOutcome> next = new CompletableFuture<>();
    private volatile @Nullable Granted last;

    private Place(Claim claim) {
      this.claim = claim;
    }

    /**
     * What completes when there is news. A new one each time, for a wait of days asks often.
     *
     * @param askedAt when the question was sent that was answered with "wait"
     */
    CompletionStage<ClaimOutcome> next(long askedAt) {
      CompletableFuture<ClaimOutcome> fresh = new CompletableFuture<>();
      next = fresh;
      Granted grant = last;
      if (grant != null && grant.asOf() - askedAt >= 0) {
        fresh.complete(grant); // it overtook the answer; an older one has lapsed since
      }
      return fresh;
    }

    private void granted(Granted grant) {
      last = grant;
      next.complete(grant);
    }

    private void askAgain() {
      next.complete(Waiting.askAgain());
    }
  }

  /** Notes that this claim asks for a place, if it does. */
  void enter(Claim claim) {
    if (!claim.queue()) {
      return;
    }
    Place place = of(claim);
    if (place == null) {
      place = new Place(claim);
      claim.attach(place);
    }
    places.put(claim.id(), place);
  }

  /** Forgets it: it was granted, refused or withdrawn. */
  void leave(Claim claim) {
    if (of(claim) != null) {
      claim.attach(null);
      places.remove(claim.id());
    }
  }

  /** The place of a claim that waits, else null. */
  static @Nullable Place of(Claim claim) {
    return claim.attachment() instanceof Place place ? place : null;
  }

  /** The server has handed a lock to this claim, if it is known here. */
  void granted(String id, long token, long asOf) {
    Place place = places.get(id);
    if (place != null && confirm) {
      place.askAgain();
    } else if (place != null) {
      leave(place.claim); // first: from now on it is renewed as one that is held
      place.granted(new Granted(token, place.claim.lease(), asOf));
    }
  }

  /** The server knows nothing of this claim, which asks again if it waits still. */
  static void askAgain(Claim claim) {
    Place place = of(claim);
    if (place != null) {
      place.askAgain();
    }
  }

  boolean isEmpty() {
    return places.isEmpty();
  }

  /** Messages may have been lost: all ask again. */
  void askAgain() {
    places.values().forEach(Place::askAgain);
  }
}
