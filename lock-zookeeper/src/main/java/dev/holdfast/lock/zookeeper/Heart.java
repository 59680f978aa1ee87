package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.zookeeper.Place.Entered;
import dev.holdfast.lock.zookeeper.Place.Entering;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.ErrorResult;
import org.jspecify.annotations.Nullable;

/**
 * Renews everything that one client holds or waits for: one write to the beacon, a small node of
 * its own, and a look at which of the nodes are still there.
 *
 * <p>The write proves that the session's server is not cut off from the others ({@link Trust} says
 * what follows from it). It is sent once per T/40 at most, however many groups of claims the engine
 * renews: those that come in between are renewed by the last one, and go with the next round too.
 *
 * <p>A claim that is granted while a round is under way is renewed by it too, if the list shows its
 * node: where answers are slow, waiting for a round of its own would cost half of its trust.
 *
 * <p>Guarded by {@code lock}: pending, lastBeat, beaten, asked, beacon, stopped.
 */
final class Heart {

  private static final byte[] EMPTY = {};

  /** Half of what a client takes from a server in one answer (jute.maxbuffer, 1 MiB). */
  private static final int LONGEST_LIST = 500_000;

  /** Nodes per request where one list of all would be too long. */
  private static final int CHUNK = 1_000;

  private final Desk desk;
  private final BackendContext context;
  private final Set<Round> rounds = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private List<Claim> pending = new ArrayList<>();
  private long lastBeat;
  private boolean beaten;
  private @Nullable Session asked;
  private @Nullable Beacon beacon;
  private boolean stopped;
  private volatile @Nullable BackendFailure refused;

  /** The node that is written to; of this session, and there as far as is known. */
  private record Beacon(Session session, String path) {}

  Heart(Desk desk, BackendContext context) {
    this.desk = desk;
    this.context = context;
  }

  /** A claim, where it stood when the round began, and the path of that node. */
  private record Member(Claim claim, Place place, Entered entered, String path) {}

  /** Requests that were not answered so far, and who was granted a lock since they were sent. */
  private record Round(Session session, Queue<Member> late) {}

  /**
   * Why the beacon cannot be written, if the server has said so: then no lock would outlive its
   * first trust, and who asks for one should be told what to mend.
   */
  @Nullable BackendFailure refused() {
    return refused;
  }

  void renew(Session session, Collection<? extends Claim> claims) {
    List<Claim> due = due(session, claims);
    if (due.isEmpty()) {
      members(session, claims).forEach(member -> putOff(session, member));
      return;
    }
    List<Member> members = members(session, due);
    if (!members.isEmpty()) {
      send(session, members);
    }
  }

  private List<Member> members(Session session, Collection<? extends Claim> claims) {
    List<Member> members = new ArrayList<>(claims.size());
    for (Claim claim : claims) {
      Place place = Place.find(claim);
      if (place != null && place.state() instanceof Entered entered) {
        Member member = new Member(claim, place, entered, path(claim, entered));
        if (entered.session() == session) {
          members.add(member);
        } else if (!entered.session().isAlive()) { // else it is ours that was replaced just now
          sessionLost(member);
        }
      }
    }
    return members;
  }

  /**
   * Renews by the last round, under way or answered: to wait for the next, which may be a period
   * later, would cost as much trust as a lost one. What is known of the session holds for its node.
   */
  private void putOff(Session session, Member member) {
    joinRounds(session, member);
    Trust.Lease lease = session.trust.lease();
    context.holds().renewed(member.claim, lease.validFor(), lease.asOf());
  }

  /** A grant: rounds of renewals that are under way may know of it. */
  void granted(Session session, Claim claim, Place place, Entered entered) {
    joinRounds(session, new Member(claim, place, entered, path(claim, entered)));
  }

  private void joinRounds(Session session, Member member) {
    for (Round round : rounds) {
      if (round.session == session) {
        round.late.add(member);
      }
    }
  }

  private String path(Claim claim, Entered entered) {
    return desk.layout().directory(claim.name()) + '/' + Place.node(claim, entered);
  }

  private void send(Session session, List<Member> members) {
    Round round = new Round(session, new ConcurrentLinkedQueue<>());
    rounds.add(round);
    var beat = beat(session);
    var unused =
        present(session, members)
            .thenAcceptBoth(
                beat,
                (there, code) -> {
                  rounds.remove(round);
                  tell(session, members, there, code);
                  greet(round, there, code);
                });
  }

  /** These claims and those that were put off; none if the last round was just now. */
  private List<Claim> due(Session session, Collection<? extends Claim> claims) {
    long now = context.ticker().read();
    long timeout = session.timeout();
    lock.lock();
    try {
      pending.addAll(claims);
      if (beaten && now - lastBeat < timeout / 40) {
        return List.of();
      }
      beaten = true;
      lastBeat = now;
      List<Claim> all = pending;
      pending = new ArrayList<>();
      return all;
    } finally {
      lock.unlock();
    }
  }

  private void tell(Session session, List<Member> members, @Nullable Set<String> there, Code beat) {
    if (beat == Code.SESSIONEXPIRED) {
      members.forEach(this::sessionLost);
      return;
    }
    if (there == null) {
      return;
    }
    Trust.Lease lease = session.trust.lease();
    for (Member each : members) {
      if (there.contains(each.path)) {
        if (beat == Code.OK) {
          context.holds().renewed(each.claim, lease.validFor(), lease.asOf());
        }
      } else if (each.place.leave(each.entered)) {
        context.holds().gone(each.claim, LossReason.REVOKED);
      }
    }
  }

  /**
   * Tells of the end of the session in which the claim stood, unless it stands elsewhere by now: a
   * handle answers its last requests up to a second after Curator has made the next one, and that
   * may have granted the lock again. Nor can it do so while this is being told: the engine would
   * take the end for that of the new grant, and leave its node, for all that goes with a session.
   */
  private void sessionLost(Member member) {
    CompletableFuture<Void> told = new CompletableFuture<>();
    if (member.place.move(member.entered, new Entering(told))) {
      try {
        context.holds().gone(member.claim, LossReason.SESSION_LOST);
      } finally {
        member.place.state(member.entered); // who asks again, or gives up, takes its node away
        told.complete(null);
      }
    }
  }

  /** Those that came later; of one that the list does not show nothing is known. */
  private void greet(Round round, @Nullable Set<String> there, Code beat) {
    if (there != null && beat == Code.OK && !round.late.isEmpty()) {
      Trust.Lease lease = round.session.trust.lease();
      for (Member each : round.late) {
        if (there.contains(each.path)) {
          context.holds().renewed(each.claim, lease.validFor(), lease.asOf());
        }
      }
    }
  }

  // The beacon.

  /**
   * The path of this session's beacon, if it is there as far as is known and may be written to. A
   * client whose locks are never held for long has none, until it is asked for here.
   */
  @Nullable String beacon(Session session) {
    String known = known(session);
    if (known == null && isFirst(session)) {
      var unused = beat(session);
    }
    return refused == null ? known : null;
  }

  private boolean isFirst(Session session) {
    lock.lock();
    try {
      return asked != session;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable String known(Session session) {
    lock.lock();
    try {
      return beacon != null && beacon.session == session ? beacon.path : null;
    } finally {
      lock.unlock();
    }
  }

  /** Writes to the beacon, which is created first where there is none. */
  CompletableFuture<Code> beat(Session session) {
    String known = known(session);
    return (known != null ? write(session, known) : create(session, 0))
        .whenComplete((code, failure) -> note(code, session));
  }

  private void note(@Nullable Code code, Session session) {
    if (code == Code.OK) {
      refused = null;
    } else if (code != null && !Replies.isLost(code)) {
      refused = Replies.failure(code, "write", path(session));
    }
  }

  private CompletableFuture<Code> write(Session session, String path) {
    return session
        .write(path, EMPTY)
        .thenCompose(
            reply ->
                reply.isNoNode() // an operator has tidied up
                    ? create(session, 0)
                    : CompletableFuture.completedFuture(reply.code()));
  }

  private CompletableFuture<Code> create(Session session, int tries) {
    ask(session);
    String path = path(session);
    return session
        .create(path, EMPTY, CreateMode.EPHEMERAL)
        .thenCompose(
            reply -> {
              if (reply.isNoNode() && tries < 2) {
                var unused = desk.make(session, desk.layout().clients());
                return create(session, tries + 1);
              }
              if (reply.isOk() || reply.code() == Code.NODEEXISTS) {
                know(new Beacon(session, path));
              }
              if (reply.isOk() && isStopped()) { // it came after the delete that was to end it
                var unused = session.delete(path);
              }
              // One that is there already is ours: its create was carried out and not answered.
              return reply.code() == Code.NODEEXISTS
                  ? write(session, path)
                  : CompletableFuture.completedFuture(reply.code());
            });
  }

  private void ask(Session session) {
    lock.lock();
    try {
      asked = session;
    } finally {
      lock.unlock();
    }
  }

  private void know(Beacon made) {
    lock.lock();
    try {
      beacon = made;
    } finally {
      lock.unlock();
    }
  }

  private boolean isStopped() {
    lock.lock();
    try {
      return stopped;
    } finally {
      lock.unlock();
    }
  }

  /** The beacon of this client in this session. */
  String path(Session session) {
    return "%s/%x-%s"
        .formatted(desk.layout().clients(), session.zk.getSessionId(), context.clientId());
  }

  /** Takes the beacon away, if there may be one; one that is made after this goes at once. */
  CompletableFuture<Void> stop(Session session) {
    boolean mayBeThere;
    lock.lock();
    try {
      stopped = true; // before the look: who asks later finds it set
      mayBeThere = asked == session;
      beacon = null;
    } finally {
      lock.unlock();
    }
    return mayBeThere
        ? session.delete(path(session)).thenAccept(deleted -> {})
        : CompletableFuture.completedFuture(null);
  }

  // The look at the nodes.

  /** Which of the members' nodes are there; null if that was not answered. */
  private CompletableFuture<@Nullable Set<String>> present(Session session, List<Member> members) {
    long length = 0;
    for (Member each : members) {
      length += each.path.length() + 4;
    }
    return length < LONGEST_LIST ? list(session) : read(session, members);
  }

  private CompletableFuture<@Nullable Set<String>> list(Session session) {
    return session
        .ephemerals(desk.layout().locks())
        .thenApply(reply -> reply.isOk() ? new HashSet<>(reply.get()) : null);
  }

  private static CompletableFuture<@Nullable Set<String>> read(
      Session session, List<Member> members) {
    Set<String> there = new HashSet<>(members.size() * 2);
    CompletableFuture<@Nullable Set<String>> all = CompletableFuture.completedFuture(there);
    for (int from = 0; from < members.size(); from += CHUNK) {
      List<Member> chunk = members.subList(from, Math.min(from + CHUNK, members.size()));
      var answer = session.multi(chunk.stream().map(each -> Op.getData(each.path)).toList(), false);
      all =
          all.thenCombine(
              answer, (known, reply) -> known == null ? null : add(known, chunk, reply.value()));
    }
    return all;
  }

  private static @Nullable Set<String> add(
      Set<String> there, List<Member> chunk, @Nullable List<OpResult> results) {
    if (results == null) {
      return null;
    }
    for (int i = 0; i < chunk.size(); i++) {
      boolean missing =
          results.get(i) instanceof ErrorResult error && error.getErr() == Code.NONODE.intValue();
      if (!missing) {
        there.add(chunk.get(i).path);
      }
    }
    return there;
  }
}
