package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.pulsar.client.api.PulsarClient;
import org.jspecify.annotations.Nullable;

/**
 * One lock that this client has open: its claims on it, those who only look in, and when nobody
 * needs it any more.
 *
 * <p>Guarded by {@code guard}: everything that is not final.
 */
final class LockTopic {

  private final BackendContext context;
  private final Guard guard = new Guard();
  private final Claims claims;
  private final OpenLog log;
  private int uses;
  private int visitors;
  private long visitedAt;
  private boolean closed;

  LockTopic(PulsarClient client, String topic, BackendContext context) {
    this.context = context;
    this.claims = new Claims(client, topic, context, guard);
    this.log = claims.log();
    this.visitedAt = now();
  }

  private long now() {
    return context.ticker().read();
  }

  private long idleSince() {
    long empty = claims.emptySince();
    return empty - visitedAt > 0 ? empty : visitedAt;
  }

  /** False if this topic has been closed, and another must be opened. */
  boolean enter(Place place) {
    synchronized (guard) {
      if (!closed && !place.withdrawn) {
        place.topic = this;
        uses += claims.add(place) ? 1 : 0;
      }
      return !closed;
    }
  }

  /** Asks, or asks again: what stands in the log already is answered without it. */
  CompletableFuture<ClaimOutcome> claim(Place place) {
    return claims.claim(place);
  }

  void renew(Place place) {
    claims.renew(place);
  }

  CompletableFuture<ReleaseOutcome> release(Place place) {
    return claims.release(place);
  }

  // Who only looks in.

  /** False if this topic has been closed; else it stays open for one of the following. */
  boolean visit() {
    synchronized (guard) {
      visitors += closed ? 0 : 1;
      return !closed;
    }
  }

  private void visited() {
    visitors--;
    visitedAt = now();
  }

  /** What the log says now; ends a visit. */
  <T> CompletableFuture<T> look(Function<LockState, T> view) {
    CompletableFuture<T> seen = new CompletableFuture<>();
    guard.run(
        () ->
            log.whenRead(
                () -> {
                  T value = view.apply(claims.state());
                  visited();
                  guard.after(() -> seen.complete(value));
                },
                failure -> {
                  visited();
                  guard.after(() -> seen.completeExceptionally(failure));
                }));
    return seen;
  }

  /** Switches the lock on or off, which is done when it has been read back; ends a visit. */
  CompletableFuture<Void> enable(boolean on) {
    return claims
        .asides()
        .enable(on)
        .whenComplete((done, failure) -> guard.run(this::visited))
        .thenAccept(done -> {});
  }

  /** Writes the note if the claim holds the lock where the note comes to stand. */
  CompletableFuture<Boolean> note(Place place, String text) {
    synchronized (guard) {
      if (!claims.has(place)) {
        return CompletableFuture.completedFuture(false);
      }
    }
    return claims.asides().note(place, text);
  }

  // The end.

  /**
   * Closes this topic if nobody has needed it for a while.
   *
   * @param once for how many nanoseconds a lock stays open that was used once
   * @param keep for how many one that was used more often
   * @return when it is closed; null if it stays open
   */
  @Nullable CompletableFuture<Void> closeIfIdle(long once, long keep) {
    List<CompletableFuture<Void>> closing = new ArrayList<>();
    guard.run(
        () -> {
          boolean idle = claims.isEmpty() && visitors == 0 && !closed;
          if (idle && now() - idleSince() > (uses > 1 ? keep : once) && !mustStay()) {
            closing.add(end());
          }
        });
    return closing.isEmpty() ? null : closing.get(0);
  }

  /**
   * Who has seen a holder last stays until it has seen it alive, or can judge it dead and take it
   * out of the log.
   */
  private boolean mustStay() {
    if (!log.isOpen()) {
      return false;
    }
    if (claims.judge().judgeAll()) {
      visitedAt = idleSince() + Judge.REPEAT;
      return true;
    }
    List<Entry> line = claims.state().line();
    return !line.isEmpty() && line.stream().noneMatch(entry -> entry.heardAt() - idleSince() > 0);
  }

  /** Closes it whoever needs it. */
  CompletableFuture<Void> close() {
    List<CompletableFuture<Void>> closing = new ArrayList<>();
    guard.run(() -> closing.add(end()));
    return closing.get(0);
  }

  private CompletableFuture<Void> end() {
    closed = true;
    claims.end();
    return log.close(claims.state().isBlank());
  }
}
