package dev.holdfast.lock.etcd;

import static java.util.concurrent.CompletableFuture.completedFuture;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Refused;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend.HandOver;
import dev.holdfast.lock.spi.ReleaseOutcome;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Op;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Asks for names: one transaction puts the claim's key where it is not there, and tells who was
 * there before. To ask again is the same transaction, which then finds the key.
 */
final class Claiming {

  private final Etcd etcd;
  private final EtcdKeys keys;
  private final Slots slots;
  private final Sessions sessions;
  private final KeepAlive keepAlive;
  private final Leaving leaving;
  private final BackendContext context;

  Claiming(
      Etcd etcd,
      EtcdKeys keys,
      Slots slots,
      Sessions sessions,
      KeepAlive keepAlive,
      Leaving leaving,
      BackendContext context) {
    this.etcd = etcd;
    this.keys = keys;
    this.slots = slots;
    this.sessions = sessions;
    this.keepAlive = keepAlive;
    this.leaving = leaving;
    this.context = context;
  }

  CompletionStage<ClaimOutcome> claim(Claim claim) {
    Place place = Place.of(claim);
    place.ask();
    return enter(claim, place, true);
  }

  /** Under the lease that it is under already, or else under the one for new claims. */
  private CompletionStage<ClaimOutcome> enter(Claim claim, Place place, boolean mayRetry) {
    Session before = place.session();
    CompletionStage<Session> session =
        before != null && !before.isDead() ? completedFuture(before) : sessions.get(claim.lease());
    return session
        .thenCompose(entered -> ask(claim, place, entered))
        .exceptionallyCompose(
            failure -> {
              if (!mayRetry || place.isGranted() || !EtcdFailures.isLeaseGone(failure)) {
                return CompletableFuture.failedFuture(failure);
              }
              place.leaveLine();
              return enter(claim, place, false);
            });
  }

  /**
   * One transaction, whether it asks for the first time or again. The lease is renewed beside it if
   * it is not certain for long any more.
   */
  private CompletionStage<ClaimOutcome> ask(Claim claim, Place place, Session offered) {
    if (place.isWithdrawn()) {
      return completedFuture(free());
    }
    Session session = place.enter(offered);
    CompletionStage<Void> renewal = renewalFor(session);
    ByteSequence own = keys.of(claim, place.slot(slots));
    ByteSequence contenders = keys.contenders(claim.name());
    ByteSequence off = keys.offSwitch(claim.name());
    CompletableFuture<TxnResponse> answer =
        etcd.txn(
            txn ->
                txn.If(Ops.absent(own), Ops.absent(off))
                    .Then(entering(claim, own, contenders, session))
                    .Else(Ops.exists(own), Ops.exists(off), Ops.oldest(contenders)));
    return settled(answer, place, session)
        .thenCompose(
            done ->
                place.hasLeft(session) && !place.isGranted()
                    ? completedFuture(Waiting.askAgain()) // its key has gone with the lease
                    : done.isSucceeded()
                        ? entered(claim, place, session, done)
                        : found(claim, place, session, done))
        .thenCompose(
            outcome ->
                outcome instanceof ClaimOutcome.Granted
                    ? renewal
                        .thenCompose(unused -> place.told())
                        .thenApply(unused -> place.grant(session))
                    : completedFuture(outcome));
  }

  /**
   * Who is before the claim, and its key. Who has the lock, if that is another one, is looked for
   * only where it is wanted at once: each read of contenders is a good part of what etcd's claim
   * costs.
   */
  private Op[] entering(Claim claim, ByteSequence own, ByteSequence contenders, Session session) {
    Op put = Ops.put(own, EtcdKeys.bytes(claim.description()), session);
    return context.wantsHolder(claim)
        ? new Op[] {Ops.last(contenders), Ops.oldest(contenders), put}
        : new Op[] {Ops.last(contenders), put};
  }

  private CompletionStage<Void> renewalFor(Session session) {
    return session.isYoungerThan(4, context.ticker().read())
        ? completedFuture(null)
        : keepAlive.refresh(session);
  }

  /**
   * An answer, or an error that etcd itself gave, leaves no doubt what is in the store. The lease
   * that is gone is the one that was asked under: the claim may be under another by now.
   */
  private static CompletableFuture<TxnResponse> settled(
      CompletableFuture<TxnResponse> answer, Place place, Session session) {
    return answer.whenComplete(
        (done, failure) -> {
          if (failure == null) {
            place.answered(place.hasLeft(session) ? 0 : created(done));
          } else if (EtcdFailures.isLeaseGone(failure)) {
            session.died();
            place.answered(0);
          } else if (EtcdFailures.isDefinite(failure)) {
            place.answered(0);
          }
        });
  }

  /** When the claim's key was created: by this transaction, or before it; zero if it is not. */
  private static long created(TxnResponse done) {
    if (done.isSucceeded()) {
      return done.getHeader().getRevision();
    }
    boolean looked = !done.getGetResponses().isEmpty(); // a hand-over that failed has not
    return looked ? Ops.found(done, 0).map(KeyValue::getCreateRevision).orElse(0L) : 0;
  }

  /** The key was put by this transaction; its reads were made before. */
  private CompletionStage<ClaimOutcome> entered(
      Claim claim, Place place, Session session, TxnResponse done) {
    if (place.isGranted()) { // by another question, whose answer was here before
      if (created(done) > place.revision()) {
        leaving.stray(claim, place, session); // and whose key was deleted before this was put
      }
      return completedFuture(place.grant(session));
    }
    Optional<KeyValue> last = Ops.found(done, 0);
    if (last.isEmpty()) {
      return completedFuture(place.grant(session));
    }
    return waiting(claim, place, last.get().getKey(), holder(done, last.get()));
  }

  private static Optional<LockHolder> holder(TxnResponse done, KeyValue last) {
    boolean alone = done.getGetResponses().get(0).getCount() == 1;
    boolean asked = done.getGetResponses().size() > 1;
    Optional<KeyValue> oldest =
        alone ? Optional.of(last) : asked ? Ops.found(done, 1) : Optional.empty();
    return oldest.map(EtcdKeys::holder);
  }

  /** The key was there before, or the name is switched off. */
  private CompletionStage<ClaimOutcome> found(
      Claim claim, Place place, Session session, TxnResponse done) {
    if (place.isGranted()) {
      return completedFuture(place.grant(session)); // by another question
    }
    Optional<KeyValue> own = Ops.found(done, 0);
    boolean off = Ops.found(done, 1).isPresent();
    Optional<KeyValue> oldest = Ops.found(done, 2);
    if (off) {
      ClaimOutcome refused =
          new Refused(
              "it is switched off; to switch it on: etcdctl del '%s'"
                  .formatted(EtcdKeys.text(keys.offSwitch(claim.name()))));
      return leaving.withdrawn(claim, place).thenApply(unused -> refused);
    }
    boolean moves = session.isLeft();
    if (own.isEmpty() || (own.get().getLease() != session.id() && !moves)) {
      // Put under a lease that was given up since: not under one that is renewed.
      return leaving.withdrawn(claim, place).thenCompose(unused -> ask(claim, place, session));
    }
    if (oldest.isEmpty() || oldest.get().getKey().equals(own.get().getKey())) {
      place.leaveLine();
      return completedFuture(place.grant(session));
    }
    return waiting(claim, place, null, oldest.map(EtcdKeys::holder));
  }

  private CompletionStage<ClaimOutcome> waiting(
      Claim claim, Place place, @Nullable ByteSequence before, Optional<LockHolder> holder) {
    if (!claim.queue()) {
      Waiting busy = Waiting.poll(context.options().pollInterval(), holder);
      return leaving.withdrawn(claim, place).thenApply(unused -> busy);
    }
    Line line = place.line(new Line(etcd, keys, claim, place));
    CompletionStage<ClaimOutcome> next = line.next();
    line.stand(before);
    if (place.isWithdrawn()) {
      line.end();
    }
    return completedFuture(new Waiting(next, context.options().pollInterval(), holder));
  }

  private Waiting free() {
    return Waiting.poll(context.options().pollInterval(), Optional.empty());
  }

  /** One transaction takes the old key away and puts the new one behind whoever waits already. */
  HandOver handOver(Claim from, Claim to) {
    Place left = Place.of(from);
    Place place = Place.of(to);
    Session session = sessions.now(to.lease());
    if (session == null
        || place.session() != null
        || left.revision() == 0
        || left.mayStillAppear()) {
      return new HandOver(leaving.release(from), claim(to));
    }
    leaving.leave(from, left);
    var unused = place.enter(session); // the first: there was none
    CompletionStage<Void> renewal = renewalFor(session);
    int freed = left.slot();
    CompletableFuture<TxnResponse> answer = passed(from, left, to, place, session);
    CompletionStage<ReleaseOutcome> released =
        answer.thenCompose(
            done -> {
              if (!done.isSucceeded()) {
                return leaving.release(from);
              }
              leaving.giveBack(left, freed);
              return completedFuture(ReleaseOutcome.RELEASED);
            });
    CompletionStage<ClaimOutcome> claimed =
        settled(answer, place, session)
            .thenCompose(
                done ->
                    done.isSucceeded()
                        ? entered(to, place, session, done)
                        // Not passed on: by now the old key is being deleted, if there is one.
                        : enter(to, place, true))
            .thenCompose(
                outcome ->
                    outcome instanceof ClaimOutcome.Granted
                        ? renewal.thenApply(done -> place.grant(session))
                        : completedFuture(outcome));
    return new HandOver(released, claimed);
  }

  private CompletableFuture<TxnResponse> passed(
      Claim from, Place left, Claim to, Place place, Session session) {
    ByteSequence old = keys.of(from, left.slot());
    ByteSequence own = keys.of(to, place.slot(slots));
    ByteSequence contenders = keys.contenders(to.name());
    return etcd.txn(
        txn ->
            txn.If(
                    Ops.createdAt(old, left.revision()),
                    Ops.absent(own),
                    Ops.absent(keys.offSwitch(to.name())))
                .Then(Ops.delete(old))
                .Then(entering(to, own, contenders, session)));
  }
}
