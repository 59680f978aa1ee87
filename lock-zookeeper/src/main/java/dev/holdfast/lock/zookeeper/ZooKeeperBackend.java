package dev.holdfast.lock.zookeeper;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockCapabilities.LeaseClock;
import dev.holdfast.lock.spi.LockCapabilities.LeaseScope;
import dev.holdfast.lock.spi.LockRecords;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.zookeeper.Place.Entered;
import dev.holdfast.lock.zookeeper.Place.Entering;
import dev.holdfast.lock.zookeeper.Place.Unsure;
import dev.holdfast.lock.zookeeper.Replies.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException.Code;

/**
 * One client's locks in ZooKeeper: one ephemeral sequential node per claim, the first of a
 * directory has the lock.
 *
 * <p><b>Why the store cannot give a name away before {@code asOf + validFor}.</b> The next one is
 * first only when our node is gone: by ourselves, by an operator, or because the leader has ended
 * our session, which it does no earlier than T after it last heard of it. That the server we are
 * connected to answers proves nothing of this: cut off from its leader it goes on to answer reads
 * and pings for some ticks. So only an answered <em>write</em>, which a quorum has confirmed after
 * its {@code asOf}, extends the trust; {@link Trust} works out by how much.
 *
 * <p>A node of an operator's making in the directory, or one deleted by hand, is what no notice can
 * come before: {@link Heart} sees it with the next renewal.
 */
final class ZooKeeperBackend implements LockBackend {

  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofHours(1);

  private static final LockCapabilities CAPABILITIES =
      LockCapabilities.of("zookeeper")
          .withQueue()
          .withParticipants()
          .withLease(LeaseScope.CLIENT, SHORTEST, LONGEST, LeaseClock.MONOTONIC);

  private final Connection connection;
  private final BackendContext context;
  private final Desk desk;

  ZooKeeperBackend(Connection connection, Layout layout, BackendContext context) {
    this.connection = connection;
    this.context = context;
    this.desk = new Desk(context, layout);
  }

  @Override
  public LockCapabilities capabilities() {
    return CAPABILITIES;
  }

  @Override
  public CompletionStage<ClaimOutcome> claim(Claim claim) {
    try {
      Session session = connection.session();
      return ask(session, claim).exceptionallyCompose(failure -> askAnew(session, claim, failure));
    } catch (BackendFailure e) {
      return failedFuture(e);
    }
  }

  private CompletableFuture<ClaimOutcome> ask(Session session, Claim claim) {
    Question question = new Question(desk, session, claim, Place.of(claim));
    BackendFailure refused = desk.heart().refused();
    return refused == null
        ? question.ask()
        : desk.heart()
            .beat(session)
            .thenCompose(code -> code == Code.OK ? question.ask() : failedFuture(refused));
  }

  /** A session that turns out to have ended took the question with it; the next one is asked. */
  private CompletableFuture<ClaimOutcome> askAnew(Session ended, Claim claim, Throwable failure) {
    return ended.isOver()
        ? connection.after(ended).thenCompose(next -> ask(next, claim))
        : failedFuture(failure);
  }

  @Override
  public void renew(Collection<? extends Claim> claims) {
    desk.heart().renew(connection.session(), claims);
  }

  @Override
  public CompletionStage<ReleaseOutcome> release(Claim claim) {
    Place place = Place.find(claim);
    if (place == null) {
      return completedFuture(ReleaseOutcome.NOT_HELD);
    }
    try {
      return release(connection.session(), claim, place);
    } catch (BackendFailure e) {
      return failedFuture(e);
    }
  }

  private CompletableFuture<ReleaseOutcome> release(Session session, Claim claim, Place place) {
    String directory = desk.layout().directory(claim.name());
    Place.State state = place.state();
    if (state instanceof Entering entering) {
      return entering.settled().thenCompose(settled -> release(session, claim, place));
    }
    if (state instanceof Entered entered) {
      var deleted = delete(session, place, entered, directory + '/' + Place.node(claim, entered));
      forget(session, place);
      return deleted;
    }
    if (state instanceof Unsure unsure && unsure.session() == session) {
      return Question.find(session, directory, Layout.prefix(claim.id(), unsure.attempt()))
          .thenCompose(found -> found(session, place, unsure, found, directory));
    }
    place.leave(state); // unless a question has just moved on: its late answer is withdrawn too
    return completedFuture(ReleaseOutcome.NOT_HELD);
  }

  /** In one transaction, where nothing is in doubt; else the one after the other. */
  @Override
  public HandOver handOver(Claim from, Claim to) {
    Session session = connection.last();
    String beacon = session == null ? null : desk.heart().beacon(session);
    Place left = Place.find(from);
    if (session == null
        || beacon == null
        || left == null
        || Place.find(to) != null
        || !(left.state() instanceof Entered entered)
        || entered.session() != session) {
      return LockBackend.super.handOver(from, to);
    }
    String old = desk.layout().directory(from.name()) + '/' + Place.node(from, entered);
    CompletableFuture<ReleaseOutcome> released = new CompletableFuture<>();
    var claimed =
        new Question(desk, session, to, Place.of(to))
            .takeOver(old, beacon, reply -> left(session, from, left, entered, reply, released))
            .exceptionallyCompose(failure -> askAnew(session, to, failure));
    return new HandOver(released, claimed);
  }

  /** What the transaction of a hand-over has done to the old node. */
  private void left(
      Session session,
      Claim from,
      Place left,
      Entered entered,
      Reply<Session.Node> reply,
      CompletableFuture<ReleaseOutcome> released) {
    if (reply.isOk()) {
      left.leave(entered);
      released.complete(ReleaseOutcome.RELEASED);
    } else if (reply.isLost()) {
      released.completeExceptionally(Replies.failure(reply.code(), "replace", from.toString()));
    } else { // refused as a whole: one of the nodes was not there
      var unused =
          release(session, from, left)
              .whenComplete(
                  (outcome, failure) -> {
                    if (outcome != null) {
                      released.complete(outcome);
                    } else {
                      released.completeExceptionally(failure);
                    }
                  });
    }
  }

  private static CompletableFuture<ReleaseOutcome> found(
      Session session, Place place, Unsure unsure, Reply<Session.Node> found, String directory) {
    if (found.isOk()) {
      return delete(session, place, unsure, found.get().path());
    }
    if (found.isNoNode()) {
      place.leave(unsure);
      return completedFuture(ReleaseOutcome.NOT_HELD);
    }
    return failedFuture(Replies.failure(found.code(), "list", directory));
  }

  private static CompletableFuture<ReleaseOutcome> delete(
      Session session, Place place, Place.State stood, String path) {
    return session
        .delete(path)
        .thenCompose(
            reply -> {
              if (reply.isOk() || reply.isNoNode()) {
                forget(session, place); // a list that was under way still showed it, and set one
                place.leave(stood);
                return completedFuture(
                    reply.isOk() ? ReleaseOutcome.RELEASED : ReleaseOutcome.NOT_HELD);
              }
              return failedFuture(Replies.failure(reply.code(), "delete", path));
            });
  }

  /** Takes back the watch of one that waited: the node before it may stay for long. */
  private static void forget(Session session, Place place) {
    Wait wait = place.waiting();
    if (wait != null) {
      place.waiting(null);
      session.unwatch(wait.before());
    }
  }

  @Override
  public CompletionStage<LockView> inspect(String name) {
    try {
      Session session = connection.session();
      String directory = desk.layout().directory(name);
      return session
          .children(directory)
          .thenCompose(
              reply -> {
                if (reply.isNoNode()) {
                  return completedFuture(LockView.FREE);
                }
                if (!reply.isOk()) {
                  return failedFuture(Replies.failure(reply.code(), "list", directory));
                }
                return view(session, directory, Contenders.of(reply.get()));
              });
    } catch (BackendFailure e) {
      return failedFuture(e);
    }
  }

  /** Reads all contenders; those that went meanwhile are not shown. */
  private static CompletableFuture<LockView> view(
      Session session, String directory, Contenders contenders) {
    CompletableFuture<List<Session.Node>> all = completedFuture(new ArrayList<>());
    for (String name : contenders.names()) {
      String path = directory + '/' + name;
      all =
          all.thenCombine(
              session.read(path, null),
              (nodes, reply) -> {
                if (!reply.isOk() && !reply.isNoNode()) {
                  throw Replies.failure(reply.code(), "read", path);
                }
                if (reply.isOk()) {
                  nodes.add(reply.get());
                }
                return nodes;
              });
    }
    return all.thenApply(
        nodes ->
            new LockView(
                nodes.stream().findFirst().map(Desk::holder),
                nodes.stream().skip(1).map(node -> LockHolder.waiting(node.text())).toList(),
                !contenders.disabled()));
  }

  @Override
  public Optional<LockRecords> records() {
    return Optional.of(new ZooKeeperRecords(connection, desk));
  }

  @Override
  public CompletionStage<Void> close(Duration limit) {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    try {
      var unused =
          context
              .timer()
              .schedule(() -> closed.complete(null), limit.toNanos(), TimeUnit.NANOSECONDS);
      end().whenComplete((done, failure) -> closed.complete(null));
    } catch (RejectedExecutionException e) {
      closed.completeExceptionally(e);
    }
    return closed;
  }

  /** On a worker, for Curator waits there until its threads have ended. */
  private CompletionStage<Void> end() {
    Session last = connection.last();
    CompletableFuture<Void> stopped =
        last == null || connection.isOwned() ? completedFuture(null) : desk.heart().stop(last);
    return stopped.thenRunAsync(connection::close, context.workers());
  }
}
