package dev.holdfast.lock.etcd;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.op.Op;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Keeps leases alive, believes no answer that the cluster has not confirmed, and finds out what is
 * missing below a lease, or too much.
 *
 * <p><b>Why an answer has to be confirmed.</b> Etcd answers a keep-alive out of its leader's
 * memory, without asking the others. A leader that was paused, or cut off, and does not know of its
 * successor yet, answers as well, while the lease runs out at the successor. So each answer is
 * followed by a read that a majority has to agree to, and counts only if both were given in the
 * same term. For suppose a successor was elected before the keep-alive was answered: then no
 * majority would have agreed, after that, to a read in the old term. A successor that is elected
 * later gives every lease its whole length anew, from its election on. Answers that cross an
 * election name different terms and do not count; the next round's will.
 *
 * <p><b>Why keys move to a new lease after an election.</b> Before 3.5.13 a leader that was frozen
 * may find leases run out by its own count when it wakes, and have its successor revoke them,
 * however alive they are there. It knows of no lease that was granted after it was deposed. So when
 * a round finds another term than the lease's, it puts all keys under a new one; creation
 * revisions, and with them order and tokens, stay.
 *
 * <p>What is below a lease is asked of the leader alone, so it is a suspicion only: keys that seem
 * to be missing are looked up.
 */
final class KeepAlive {

  /** Below the 128 operations that etcd takes in one transaction unless it is told otherwise. */
  private static final int AT_ONCE = 100;

  private static final long UNCONFIRMED = -1;

  private final Etcd etcd;
  private final EtcdKeys keys;
  private final Sessions sessions;
  private final BackendContext context;

  KeepAlive(Etcd etcd, EtcdKeys keys, Sessions sessions, BackendContext context) {
    this.etcd = etcd;
    this.keys = keys;
    this.sessions = sessions;
    this.context = context;
  }

  /** A claim of a round, as it was when the round began. */
  private record Member(Claim claim, ByteSequence key, long revision) {}

  /** One round for all these claims, lease by lease; the answers go to the {@code HoldSink}. */
  void renew(Collection<? extends Claim> claims) {
    Map<Session, List<Claim>> bySession = new HashMap<>();
    for (Claim claim : claims) {
      Session session = Place.of(claim).session();
      if (session != null) {
        bySession.computeIfAbsent(session, unused -> new ArrayList<>()).add(claim);
      }
    }
    bySession.forEach(this::renew);
  }

  private void renew(Session session, List<Claim> claims) {
    if (session.isDead()) {
      gone(session, claims);
      return;
    }
    List<Member> members = claims.stream().map(this::member).toList();
    boolean troubled = session.beginRound();
    for (int i = 0; i < (troubled ? etcd.servers() : 1); i++) {
      var unused =
          confirmed(session, troubled)
              .whenComplete(
                  (term, failure) -> {
                    if (failure != null && EtcdFailures.isLeaseGone(failure)) {
                      checkDeath(session, members);
                    } else if (failure == null && term != UNCONFIRMED) {
                      confirm(session, members, term);
                    }
                  });
    }
  }

  /** Renews a lease for a claim that is under way. Never fails; the claim finds out what came. */
  CompletableFuture<Void> refresh(Session session) {
    return confirmed(session, false)
        .handle(
            (confirmed, failure) -> {
              if (failure != null && EtcdFailures.isLeaseGone(failure)) {
                session.retire();
              } else if (failure == null && confirmed != UNCONFIRMED && session.hasSuspects()) {
                look(session, List.of());
              }
              return null;
            });
  }

  private Member member(Claim claim) {
    Place place = Place.of(claim);
    return new Member(claim, keys.of(claim, place.slot()), place.revision());
  }

  /** One keep-alive and the read that confirms it: the term of both, if it counts. */
  private CompletableFuture<Long> confirmed(Session session, boolean troubled) {
    long asOf = context.ticker().read();
    return etcd.keepAlive(session.id())
        .thenCompose(
            answer ->
                first(troubled ? etcd.servers() : 1, () -> isStill(answer))
                    .thenApply(
                        still -> {
                          if (still) {
                            session.renewed(asOf, Duration.ofSeconds(answer.getTTL()));
                          }
                          return still ? answer.getHeader().getRaftTerm() : UNCONFIRMED;
                        }));
  }

  /** Whether, after the answer, a majority still agreed to something in the answer's term. */
  private CompletableFuture<Boolean> isStill(LeaseKeepAliveResponse answer) {
    long term = answer.getHeader().getRaftTerm();
    return etcd.txn(txn -> txn.Then(Ops.exists(keys.nothing())))
        .thenApply(read -> answer.getTTL() > 0 && read.getHeader().getRaftTerm() == term);
  }

  /** The first of some equal requests to be answered: servers take turns, and one may be stuck. */
  private static CompletableFuture<Boolean> first(
      int copies, Supplier<CompletableFuture<Boolean>> request) {
    if (copies == 1) {
      return request.get();
    }
    CompletableFuture<Boolean> first = new CompletableFuture<>();
    for (int i = 0; i < copies; i++) {
      var unused =
          request
              .get()
              .whenComplete(
                  (answer, failure) -> {
                    if (failure == null) {
                      first.complete(answer);
                    }
                  });
    }
    return first;
  }

  private void confirm(Session session, List<Member> members, long term) {
    if (!session.isLeft()) {
      members.forEach(member -> renewed(session, member));
    }
    look(session, members);
    if (session.isOlderThan(term)) {
      session.leave();
      move(session, members);
    }
  }

  private void renewed(Session session, Member member) {
    if (Place.of(member.claim).session() == session) {
      var granted = session.granted(1);
      context.holds().renewed(member.claim, granted.validFor(), granted.asOf());
    }
  }

  /** Puts keys under the lease for new claims. What is not answered, the next round does again. */
  private void move(Session from, List<Member> members) {
    var unused =
        sessions
            .get(members.get(0).claim.lease())
            .thenAccept(
                to ->
                    members.stream()
                        .filter(member -> member.revision > 0 && isUnchanged(member, from))
                        .forEach(member -> moveByAnyServer(from, to, member)));
  }

  /** An election is when a server may be stuck; to put the same key twice does no harm. */
  private void moveByAnyServer(Session from, Session to, Member member) {
    for (int i = 0; i < etcd.servers(); i++) {
      move(from, to, member);
    }
  }

  private void move(Session from, Session to, Member member) {
    var unused =
        etcd.txn(
                txn ->
                    txn.If(Ops.createdAt(member.key, member.revision))
                        .Then(Ops.put(member.key, EtcdKeys.bytes(member.claim.description()), to)))
            .whenComplete(
                (answer, failure) -> {
                  if (failure != null && EtcdFailures.isLeaseGone(failure)) {
                    to.died();
                  } else if (failure == null
                      && answer.isSucceeded()
                      && Place.of(member.claim).move(from, to, member.revision)) {
                    renewed(to, member);
                  }
                });
  }

  /** Compares what should be below the lease with what is. */
  private void look(Session session, List<Member> members) {
    var unused =
        etcd.keysUnder(session.id())
            .thenAccept(
                answer -> {
                  Set<ByteSequence> present = new HashSet<>(answer.getKeys());
                  if (session.hasSuspects()) {
                    present.stream().filter(session::isSuspect).forEach(this::delete);
                  }
                  // A lease that ends in the middle of a round is not its keys' end alone.
                  boolean ended = answer.getTTL() < 0; // zero is less than a second
                  lookUp(
                      session,
                      ended ? LossReason.SESSION_LOST : LossReason.REVOKED,
                      members.stream()
                          .filter(member -> member.revision > 0 && !present.contains(member.key))
                          .toList());
                });
  }

  /** If it is not answered, the next round does it. */
  private void delete(ByteSequence orphan) {
    var unused = etcd.delete(orphan);
  }

  /**
   * The lease is not there, by the leader's word. One that has been deposed does not know of leases
   * that were granted since; a key that is still there proves it wrong.
   */
  private void checkDeath(Session session, List<Member> members) {
    session.retire();
    List<Member> witnesses =
        members.stream().filter(member -> member.revision > 0).limit(AT_ONCE).toList();
    Op[] reads = witnesses.stream().map(member -> Ops.exists(member.key)).toArray(Op[]::new);
    var unused =
        etcd.txn(txn -> txn.Then(reads))
            .thenAccept(
                answer -> {
                  if (!isAnyThere(answer.getGetResponses(), witnesses)) {
                    session.died();
                    gone(session, members.stream().map(Member::claim).toList());
                  }
                });
  }

  private static boolean isAnyThere(List<GetResponse> found, List<Member> members) {
    return IntStream.range(0, members.size()).anyMatch(i -> isThere(found.get(i), members.get(i)));
  }

  private void gone(Session session, List<Claim> claims) {
    for (Claim claim : claims) {
      Place.of(claim)
          .tellEnd(session, 0, () -> context.holds().gone(claim, LossReason.SESSION_LOST));
    }
  }

  private void lookUp(Session session, LossReason reason, List<Member> missing) {
    for (int from = 0; from < missing.size(); from += AT_ONCE) {
      List<Member> some = missing.subList(from, Math.min(from + AT_ONCE, missing.size()));
      Op[] reads = some.stream().map(member -> Ops.exists(member.key)).toArray(Op[]::new);
      var unused =
          etcd.txn(txn -> txn.Then(reads))
              .thenAccept(
                  answer -> {
                    List<GetResponse> found = answer.getGetResponses();
                    for (int i = 0; i < some.size(); i++) {
                      Member member = some.get(i);
                      if (!isUnchanged(member, session)) {
                        continue;
                      }
                      if (!isThere(found.get(i), member)) {
                        Place.of(member.claim)
                            .tellEnd(
                                session,
                                member.revision,
                                () -> context.holds().gone(member.claim, reason));
                      } else if (!session.isLeft() && leaseOf(found.get(i)) != session.id()) {
                        move(session, session, member); // somebody's put took it from the lease
                      }
                    }
                  });
    }
  }

  private static boolean isThere(GetResponse found, Member member) {
    return found.getKvs().stream().anyMatch(kv -> kv.getCreateRevision() == member.revision);
  }

  private static long leaseOf(GetResponse found) {
    return found.getKvs().get(0).getLease();
  }

  private static boolean isUnchanged(Member member, Session session) {
    Place place = Place.of(member.claim);
    return place.session() == session && place.revision() == member.revision;
  }
}
