package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

/** What all questions of one client need. */
final class Desk {

  private static final byte[] EMPTY = {};

  private final BackendContext context;
  private final Layout layout;
  private final Heart heart;

  Desk(BackendContext context, Layout layout) {
    this.context = context;
    this.layout = layout;
    this.heart = new Heart(this, context);
  }

  Layout layout() {
    return layout;
  }

  Heart heart() {
    return heart;
  }

  Duration pollInterval() {
    return context.options().pollInterval();
  }

  boolean wantsHolder(Claim claim) {
    return context.wantsHolder(claim);
  }

  /** What is done when the contender before this claim has gone. */
  Wait.Alarm alarm(Session session, Claim claim, Place place) {
    return wait -> {
      if (place.waiting() == wait) {
        var unused =
            new Question(this, session, claim, place)
                .look()
                .whenComplete((outcome, failure) -> woken(place, wait, outcome));
      }
    };
  }

  /** One that still waits has its new watch by now, and the engine need not know. */
  private static void woken(Place place, Wait wait, @Nullable ClaimOutcome outcome) {
    if (place.waiting() == wait && outcome instanceof Waiting) {
      return;
    }
    if (place.waiting() == wait) {
      place.waiting(null);
    }
    wait.tell(outcome == null ? Waiting.askAgain() : outcome);
  }

  /**
   * A failure if the server has cut the session so short that nothing would be left of the lease.
   */
  @Nullable BackendFailure tooShort(Session session, Duration lease) {
    Duration negotiated = Duration.ofNanos(session.timeout());
    if (negotiated.compareTo(lease.dividedBy(2)) >= 0) {
      return null;
    }
    return BackendFailure.misconfigured(
        "the session lives for %s only, and the lease asked for is %s: set the lease to %s at most, or let the server (maxSessionTimeout, by default 20 ticks) or the CuratorFramework allow longer sessions"
            .formatted(negotiated, lease, negotiated),
        null);
  }

  /** Creates a directory, which is there when what is sent after it arrives. */
  CompletableFuture<Code> makeOne(Session session, String directory) {
    CreateMode mode = layout.isPersistent(directory) ? CreateMode.PERSISTENT : CreateMode.CONTAINER;
    return session.create(directory, EMPTY, mode).thenApply(Replies.Reply::code);
  }

  /**
   * Creates a directory and all that it stands in; the code of the first that could not be created
   * and was not there before. Rights may be missing on a parent that is there: then that code means
   * nothing unless the last one failed too.
   */
  CompletableFuture<Code> make(Session session, String directory) {
    CompletableFuture<Code> first = CompletableFuture.completedFuture(Code.OK);
    for (String each : layout.chain(directory)) {
      first =
          first.thenCombine(
              makeOne(session, each),
              (before, code) -> before == Code.OK && code != Code.NODEEXISTS ? code : before);
    }
    return first;
  }

  /** Who has a lock, by the node that stands first. */
  static LockHolder holder(Session.Node node) {
    return LockHolder.of(node.text(), node.czxid());
  }
}
