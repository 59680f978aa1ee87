package dev.holdfast.lock.etcd;

import static java.util.concurrent.CompletableFuture.completedFuture;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ReleaseOutcome;
import io.etcd.jetcd.ByteSequence;
import java.util.concurrent.CompletionStage;

/** Takes the keys of claims away: of those that are released, and of those that gave up. */
final class Leaving {

  private final Etcd etcd;
  private final EtcdKeys keys;
  private final Slots slots;

  Leaving(Etcd etcd, EtcdKeys keys, Slots slots) {
    this.etcd = etcd;
    this.keys = keys;
    this.slots = slots;
  }

  CompletionStage<ReleaseOutcome> release(Claim claim) {
    Place place = Place.of(claim);
    leave(claim, place);
    return removed(claim, place)
        .thenApply(gone -> gone ? ReleaseOutcome.RELEASED : ReleaseOutcome.NOT_HELD);
  }

  /** From now on its key is not wanted, though it may still appear. */
  void leave(Claim claim, Place place) {
    place.withdraw();
    place.leaveLine();
    Session session = place.session();
    if (session != null && place.slot() >= 0) {
      ByteSequence key = keys.of(claim, place.slot());
      if (place.mayStillAppear()) {
        place.spoil();
        session.suspect(key);
      } else if (session.hasSuspects()) {
        session.acquit(key);
      }
    }
  }

  /** Takes its key away, so that it can begin anew. */
  CompletionStage<Void> withdrawn(Claim claim, Place place) {
    place.leaveLine();
    return removed(claim, place).thenAccept(unused -> {});
  }

  /** An answer told of a key that is not the one by which the claim is held: nobody wants it. */
  void stray(Claim claim, Place place, Session session) {
    ByteSequence key = keys.of(claim, place.slot());
    place.spoil();
    session.suspect(key);
    var unused = etcd.delete(key);
  }

  /**
   * Deletes the claim's key: by its creation revision, so that a request that comes late or twice
   * hits no successor in the same slot; where that may not be the last one, by its name, which then
   * nobody gets again.
   */
  private CompletionStage<Boolean> removed(Claim claim, Place place) {
    int slot = place.slot();
    boolean certain = !place.mayStillAppear();
    long revision = place.revision();
    if (slot < 0 || (certain && revision == 0)) {
      giveBack(place, slot);
      return completedFuture(false);
    }
    ByteSequence key = keys.of(claim, slot);
    if (!certain) {
      place.spoil();
      return etcd.delete(key).thenApply(answer -> answer.getDeleted() > 0);
    }
    return etcd.txn(txn -> txn.If(Ops.createdAt(key, revision)).Then(Ops.delete(key)))
        .thenApply(
            answer -> {
              giveBack(place, slot);
              return answer.isSucceeded();
            });
  }

  void giveBack(Place place, int slot) {
    if (slot >= 0 && place.end(slot)) {
      slots.give(slot);
    }
  }
}
