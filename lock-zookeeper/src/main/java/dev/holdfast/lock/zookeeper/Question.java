package dev.holdfast.lock.zookeeper;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Refused;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.zookeeper.Place.Entered;
import dev.holdfast.lock.zookeeper.Place.Entering;
import dev.holdfast.lock.zookeeper.Place.Unsure;
import dev.holdfast.lock.zookeeper.Replies.Reply;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.data.Stat;

/**
 * One question of one claim, from the requests to the outcome.
 *
 * <p>Asked for the first time it creates the claim's node and lists the directory, both sent at
 * once: the session keeps their order, so the list holds the node and all that came before it. One
 * that stands first has the lock; any other watches the one before it. A claim whose create was not
 * answered looks for its node by the uuid in the name before it creates another.
 */
final class Question {

  private static final int MOST_TRIES = 5;

  private final Desk desk;
  private final Session session;
  private final Claim claim;
  private final Place place;
  private final String directory;
  private int tries;
  private boolean naming;

  Question(Desk desk, Session session, Claim claim, Place place) {
    this.desk = desk;
    this.session = session;
    this.claim = claim;
    this.place = place;
    this.directory = desk.layout().directory(claim.name());
  }

  CompletableFuture<ClaimOutcome> ask() {
    Place.State state = place.state();
    if (state instanceof Entering entering) {
      return entering.settled().thenCompose(settled -> ask());
    }
    if (state instanceof Entered entered) {
      if (entered.session() == session) {
        Wait wait = place.waiting();
        return wait == null ? look() : lookAgain(wait);
      }
      // Of a session that has ended, or soon will; until then it would stand before the new one.
      place.waiting(null);
      var unused = session.delete(path(entered));
      return enter(entered);
    }
    return state instanceof Unsure unsure && unsure.session() == session
        ? recover(unsure)
        : enter(state);
  }

  // The ways into the queue.

  /** How the claim's node comes to be: sent now, as the first of what a question sends. */
  private interface Creation {
    CompletableFuture<Reply<Session.Node>> send(String start, byte[] data);
  }

  /** Creates the node, unless another question of this claim, taken for lost, does so already. */
  private CompletableFuture<ClaimOutcome> enter(Place.State stood) {
    return enter(
        stood,
        (start, data) -> session.create(start, data, CreateMode.EPHEMERAL_SEQUENTIAL),
        this::entered);
  }

  private CompletableFuture<ClaimOutcome> enter(
      Place.State stood,
      Creation creation,
      BiFunction<Reply<Session.Node>, Reply<List<String>>, CompletableFuture<ClaimOutcome>> then) {
    CompletableFuture<Void> settled = new CompletableFuture<>();
    if (!place.move(stood, new Entering(settled))) {
      return ask();
    }
    int attempt = place.nextAttempt();
    byte[] data = claim.description().getBytes(StandardCharsets.UTF_8);
    var created = creation.send(directory + '/' + Layout.prefix(claim.id(), attempt), data);
    var children = session.children(directory);
    var own = created.thenApply(reply -> settle(reply, attempt, settled));
    return both(own, children, then);
  }

  /**
   * Enters while another claim of this client, which has the lock, gives up its node: in one
   * transaction, so that one write to the server's disk lies between two holders. The new node
   * stands behind all that wait, as any other.
   *
   * @param left the answer of the transaction is told here first, before anything follows from it
   */
  CompletableFuture<ClaimOutcome> takeOver(
      String old, String beacon, Consumer<Reply<Session.Node>> left) {
    return enter(
        place.state(),
        (start, data) -> tell(session.replace(old, start, data, beacon), left),
        (created, children) ->
            created.isOk() || created.isLost() ? entered(created, children) : ask());
  }

  private static <T> CompletableFuture<T> tell(CompletableFuture<T> answer, Consumer<T> first) {
    return answer.thenApply(
        reply -> {
          first.accept(reply);
          return reply;
        });
  }

  private Reply<Session.Node> settle(
      Reply<Session.Node> reply, int attempt, CompletableFuture<Void> settled) {
    if (reply.isOk()) {
      Session.Node node = reply.get();
      place.state(new Entered(session, attempt, sequence(node.path()), node.czxid()));
    } else if (reply.isLost()) {
      place.state(new Unsure(session, attempt));
    } else {
      place.leave();
    }
    settled.complete(null);
    return reply;
  }

  private static int sequence(String path) {
    Integer number = Contenders.number(path);
    if (number == null) {
      throw new IllegalStateException("not the path of a sequential node: " + path);
    }
    return number;
  }

  private CompletableFuture<ClaimOutcome> entered(
      Reply<Session.Node> created, Reply<List<String>> children) {
    if (created.isOk()) {
      BackendFailure tooShort = desk.tooShort(session, claim.lease());
      return tooShort == null ? decide(children) : retreat(failedFuture(tooShort));
    }
    if (created.isNoNode() && ++tries < MOST_TRIES) {
      return enterNewDirectory();
    }
    return failedFuture(Replies.failure(created.code(), "create a node in", directory));
  }

  /**
   * The directory of a lock that was not used of late is not there. It is made and entered in one
   * trip; if its parents are not there either, they are made as well.
   */
  private CompletableFuture<ClaimOutcome> enterNewDirectory() {
    var made = tries == 1 ? desk.makeOne(session, directory) : desk.make(session, directory);
    CompletableFuture<ClaimOutcome> outcome = ask();
    return made.thenCompose(
        code ->
            code == Code.OK || code == Code.NODEEXISTS || code == Code.NONODE
                ? outcome
                : outcome.exceptionallyCompose(
                    failure -> failedFuture(Replies.failure(code, "create", directory))));
  }

  /** A create was not answered: by now it is listed, or will never be carried out. */
  private CompletableFuture<ClaimOutcome> recover(Unsure unsure) {
    var beat = desk.heart().beat(session);
    return find(session, directory, Layout.prefix(claim.id(), unsure.attempt()))
        .thenCompose(
            found ->
                beat.thenCompose(
                    code -> {
                      if (found.isLost()) {
                        return failedFuture(Replies.failure(found.code(), "list", directory));
                      }
                      if (!found.isOk()) {
                        return enter(unsure);
                      }
                      Session.Node node = found.get();
                      int attempt = unsure.attempt();
                      long czxid = node.czxid();
                      boolean first =
                          place.move(
                              unsure, new Entered(session, attempt, sequence(node.path()), czxid));
                      return first ? look() : ask();
                    }));
  }

  /**
   * The node whose name starts so, or NONODE. It is asked of the leader's state: the server of a
   * new connection may not have caught up with a create that the one before has passed on.
   */
  static CompletableFuture<Reply<Session.Node>> find(
      Session session, String directory, String prefix) {
    session.sync(directory);
    return session
        .children(directory)
        .thenCompose(
            children -> {
              String name = children.isOk() ? Contenders.of(children.get()).find(prefix) : null;
              if (name == null) {
                Code code = children.isOk() ? Code.NONODE : children.code();
                return completedFuture(new Reply<Session.Node>(code, null));
              }
              String path = directory + '/' + name;
              return session.stat(path).thenApply(stat -> own(session, path, stat));
            });
  }

  private static Reply<Session.Node> own(Session session, String path, Reply<Stat> stat) {
    if (stat.isOk() && stat.get().getEphemeralOwner() != session.zk.getSessionId()) {
      return new Reply<>(Code.NONODE, null);
    }
    return new Reply<>(
        stat.code(), stat.isOk() ? new Session.Node(path, "", stat.get().getCzxid()) : null);
  }

  // What is found there.

  /** Lists the directory anew. */
  CompletableFuture<ClaimOutcome> look() {
    return session.children(directory).thenCompose(this::decide);
  }

  /**
   * Who waits already, and knows behind whom, need not list a long queue again to learn that
   * nothing has changed.
   */
  private CompletableFuture<ClaimOutcome> lookAgain(Wait wait) {
    naming = !wait.hasHolder();
    if (naming) {
      return look();
    }
    String before = wait.before();
    var disabled = session.stat(directory + '/' + Layout.SWITCH);
    return both(
        disabled,
        session.read(before, null),
        (off, node) -> node.isOk() && off.isNoNode() ? stillWaiting(wait) : look());
  }

  private CompletableFuture<ClaimOutcome> stillWaiting(Wait wait) {
    return completedFuture(wait.answer(desk.pollInterval()));
  }

  private CompletableFuture<ClaimOutcome> decide(Reply<List<String>> children) {
    if (!children.isOk() && !children.isNoNode()) {
      return failedFuture(Replies.failure(children.code(), "list", directory));
    }
    Place.State state = place.state();
    Contenders contenders = Contenders.of(children.isOk() ? children.get() : List.<String>of());
    int index =
        state instanceof Entered entered ? contenders.place(Place.node(claim, entered)) : -1;
    if (!(state instanceof Entered own) || index < 0) {
      // Deleted by an operator, or released meanwhile.
      if (state instanceof Entered gone) {
        place.leave(gone);
      }
      place.waiting(null);
      return completedFuture(Waiting.askAgain());
    }
    if (contenders.disabled()) {
      return retreat(completedFuture(refusal()));
    }
    if (index == 0) {
      place.waiting(null);
      desk.heart().granted(session, claim, place, own);
      Trust.Lease lease = session.trust.lease();
      return completedFuture(new Granted(own.czxid(), lease.validFor(), lease.asOf()));
    }
    String first = directory + '/' + contenders.first();
    return claim.queue()
        ? waitBehind(directory + '/' + contenders.names().get(index - 1), first)
        : leave(first);
  }

  private Refused refusal() {
    return new Refused(
        "switched off; deleting %s/%s, or setEnabled(\"%s\", true), switches it on"
            .formatted(directory, Layout.SWITCH, claim.name()));
  }

  private CompletableFuture<ClaimOutcome> waitBehind(String before, String first) {
    Wait known = place.waiting();
    Wait wait = known == null ? new Wait(before, desk.alarm(session, claim, place)) : known;
    boolean names = first.equals(before) || (known == null ? desk.wantsHolder(claim) : naming);
    wait.before(before);
    place.waiting(wait);
    var watched = session.read(before, wait);
    var holder = names && !first.equals(before) ? session.read(first, null) : watched;
    return both(
        watched,
        holder,
        (node, head) -> {
          if (node.isNoNode()) {
            return look();
          }
          if (!node.isOk()) {
            return failedFuture(Replies.failure(node.code(), "watch", before));
          }
          if (names) {
            wait.holder(holder(head));
          }
          return stillWaiting(wait);
        });
  }

  private static <A, B> CompletableFuture<ClaimOutcome> both(
      CompletableFuture<A> one,
      CompletableFuture<B> other,
      BiFunction<A, B, CompletableFuture<ClaimOutcome>> then) {
    return one.thenCompose(a -> other.thenCompose(b -> then.apply(a, b)));
  }

  private static Optional<LockHolder> holder(Reply<Session.Node> head) {
    return head.isOk() ? Optional.of(Desk.holder(head.get())) : Optional.empty();
  }

  // The ways out.

  /** Of one that does not wait: takes the node away again, and says who has the lock. */
  private CompletableFuture<ClaimOutcome> leave(String first) {
    var holder = session.read(first, null);
    return retreat(holder.thenApply(head -> Waiting.poll(desk.pollInterval(), holder(head))));
  }

  /** Answers {@code outcome} when nothing of the claim is at the store any more. */
  private CompletableFuture<ClaimOutcome> retreat(CompletableFuture<ClaimOutcome> outcome) {
    if (!(place.state() instanceof Entered entered)) {
      return outcome;
    }
    place.waiting(null);
    return session
        .delete(path(entered))
        .thenCompose(
            deleted -> {
              if (deleted.isOk() || deleted.isNoNode()) {
                place.leave(entered);
                return outcome;
              }
              return failedFuture(Replies.failure(deleted.code(), "delete", path(entered)));
            });
  }

  private String path(Entered entered) {
    return directory + '/' + Place.node(claim, entered);
  }
}
