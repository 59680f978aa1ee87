package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.pulsar.CatchUp.Received;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.BackendFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.PulsarClient;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the log of one lock open: opens it when it is needed, anew when it is of no use any more,
 * and gives each record what others need to understand the log from there on.
 *
 * <p>All methods are called under the {@link Guard}, and all fields guarded by it.
 */
final class OpenLog {

  /** Who follows the log; called under the guard. */
  interface Follower {

    /** The state was read anew, up to {@code at}: how it came about is not known. */
    void readAnew(LockState read, Position at);

    /** The next record. */
    void follow(Received received);
  }

  /** A log that takes longer to be opened is opened anew: some eight requests, in nanoseconds. */
  private static final long OPENS_WITHIN = 15_000_000_000L;

  /** So is one that takes longer to show what the broker has confirmed. */
  private static final long SHOWS_WITHIN = 5_000_000_000L;

  /** In characters; longer ones are carried only by the records of those who hold. */
  private static final int SHORT_SNAPSHOT = 1_500;

  /** After so many records of ours the broker is told what it may throw away. */
  private static final int RECORDS_PER_TRIM = 64;

  private final PulsarClient client;
  private final String topic;
  private final BackendContext context;
  private final Guard guard;
  private final Follower follower;
  private final List<Look> looks = new ArrayList<>();
  private @Nullable Tail tail;
  private CompletableFuture<Void> ready = new CompletableFuture<>();
  private CompletableFuture<Void> left = CompletableFuture.completedFuture(null);
  private long openedAt;
  private Position position = Position.START;
  private Position lastBase = Position.START;
  private @Nullable Position unread;
  private long unreadSince;
  private long records;
  private boolean closed;

  /** What is to be done when the log has been read up to {@code end}. */
  private record Look(Position end, Runnable work, Consumer<BackendFailure> failed) {}

  OpenLog(
      PulsarClient client, String topic, BackendContext context, Guard guard, Follower follower) {
    this.client = client;
    this.topic = topic;
    this.context = context;
    this.guard = guard;
    this.follower = follower;
  }

  /** What one opened log tells; not listened to any more when another has taken its place. */
  private final class Tail implements LockLog.Follower {

    final LockLog log = new LockLog(client, topic, context, this);

    @Override
    public void read(LockState state, Position at) {
      guard.run(
          () -> {
            if (tail == this) {
              position = at;
              unread = null;
              follower.readAnew(state, at);
              lookAround();
            }
          });
    }

    @Override
    public void next(Received received) {
      guard.run(
          () -> {
            if (tail == this) {
              advance(received);
              follower.follow(received);
              lookAround();
            }
          });
    }
  }

  private void advance(Received received) {
    position = received.at();
    if (unread != null && !position.isBefore(unread)) {
      unread = null;
    }
    if (received.record().snapshot().isPresent()) {
      Position base = received.record().base().orElse(Position.START);
      lastBase = lastBase.isBefore(base) ? base : lastBase;
    }
  }

  /** How far the log has been read. */
  Position position() {
    return position;
  }

  /** Whether it has been read to its end. */
  boolean isOpen() {
    return tail != null && ready.isDone() && !ready.isCompletedExceptionally();
  }

  /** Does this, under the guard, when the log has been read to its end. */
  void whenOpen(Runnable work, Consumer<BackendFailure> failed) {
    CompletableFuture<Void> opens = opened();
    if (isOpen()) {
      work.run();
      return;
    }
    var unused =
        opens.whenComplete(
            (done, failure) -> {
              if (failure == null) {
                guard.run(work);
              } else {
                guard.run(() -> failed.accept(PulsarFailures.translate(failure, topic)));
              }
            });
  }

  /** Does this, under the guard, when all has been read that stood in the log by now. */
  void whenRead(Runnable work, Consumer<BackendFailure> failed) {
    whenOpen(
        () -> {
          Tail asked = tail;
          if (asked == null) {
            failed.accept(notOpen());
          } else {
            guard.begin(
                () ->
                    asked
                        .log
                        .end()
                        .whenComplete(
                            (end, failure) ->
                                guard.run(() -> look(asked, end, failure, work, failed))));
          }
        },
        failed);
  }

  private void look(
      Tail asked,
      @Nullable Position end,
      @Nullable Throwable failure,
      Runnable work,
      Consumer<BackendFailure> failed) {
    if (end == null || tail != asked) {
      failed.accept(failure == null ? notOpen() : PulsarFailures.translate(failure, topic));
    } else {
      looks.add(new Look(end.entry() < 0 ? Position.START : end, work, failed));
      lookAround();
    }
  }

  private void lookAround() {
    List<Look> due = looks.stream().filter(look -> !position.isBefore(look.end())).toList();
    looks.removeAll(due);
    due.forEach(look -> look.work().run());
  }

  private void lookNoMore() {
    List<Look> all = List.copyOf(looks);
    looks.clear();
    all.forEach(look -> look.failed().accept(notOpen()));
  }

  private CompletableFuture<Void> opened() {
    if (closed) {
      return CompletableFuture.failedFuture(notOpen());
    }
    Tail old = tail;
    if (old != null && !isStuck()) {
      return ready;
    }
    Tail opening = new Tail();
    CompletableFuture<Void> opens = new CompletableFuture<>();
    tail = opening;
    ready = opens;
    openedAt = context.ticker().read();
    unread = null;
    if (old != null) {
      lookNoMore();
      leave(old.log::replace);
    }
    guard.begin(
        () -> opening.log.open().whenComplete((done, failure) -> opened(opening, opens, failure)));
    return opens;
  }

  private void opened(Tail opening, CompletableFuture<Void> opens, @Nullable Throwable failure) {
    if (failure == null) {
      opens.complete(null);
    } else {
      guard.run(() -> giveUp(opening));
      opens.completeExceptionally(failure);
    }
  }

  private boolean isStuck() {
    long now = context.ticker().read();
    boolean opening = !ready.isDone() && now - openedAt > OPENS_WITHIN;
    return opening || (unread != null && now - unreadSince > SHOWS_WITHIN);
  }

  private void giveUp(Tail broken) {
    if (tail == broken) {
      tail = null;
      lookNoMore();
      leave(() -> broken.log.close(Position.START, false));
    }
  }

  /** Leaves one that is of no use any more; whoever leaves for good waits for it. */
  private void leave(Supplier<CompletableFuture<Void>> leaving) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    left = CompletableFuture.allOf(left, done);
    guard.begin(() -> leaving.get().whenComplete((is, failure) -> done.complete(null)));
  }

  private BackendFailure notOpen() {
    return BackendFailure.transientFailure("the topic " + topic + " is not open", null);
  }

  /**
   * Writes a record; the stage fails if that was not confirmed, and then it may stand in the log
   * all the same.
   *
   * @param state up to {@link #position}
   * @param important whether the record carries the state however long that is
   */
  CompletableFuture<Void> write(LogRecord record, LockState state, boolean important) {
    Tail writing = tail;
    if (writing == null) {
      return CompletableFuture.failedFuture(notOpen());
    }
    String snapshot = state.write();
    boolean carry = important || snapshot.length() < SHORT_SNAPSHOT;
    LogRecord complete =
        carry || lastBase.equals(Position.START)
            ? record.withSnapshot(position, snapshot)
            : record.withBase(lastBase);
    if (++records % RECORDS_PER_TRIM == 0) {
      trim(writing);
    }
    CompletableFuture<Void> written = new CompletableFuture<>();
    guard.begin(
        () ->
            writing
                .log
                .write(complete)
                .whenComplete((id, failure) -> written(writing, written, id, failure)));
    return written;
  }

  private void written(
      Tail by,
      CompletableFuture<Void> written,
      @Nullable MessageId id,
      @Nullable Throwable failure) {
    guard.run(
        () -> {
          if (id != null && position.isBefore(Position.of(id))) {
            unreadSince = unread == null ? context.ticker().read() : unreadSince;
            unread = Position.of(id);
          } else if (failure != null && PulsarFailures.isClosed(failure)) {
            giveUp(by);
          }
        });
    if (id != null) {
      written.complete(null);
    } else {
      Throwable cause = failure == null ? notOpen() : failure;
      written.completeExceptionally(PulsarFailures.translate(cause, topic));
    }
  }

  private void trim(Tail by) {
    Position base = lastBase;
    guard.after(() -> by.log.trim(base));
  }

  /**
   * Leaves the log.
   *
   * @param blank whether nothing in it matters any more, as far as it was read
   */
  CompletableFuture<Void> close(boolean blank) {
    boolean wasRead = isOpen();
    Position read = wasRead ? position : Position.START;
    Tail last = tail;
    closed = true;
    tail = null;
    lookNoMore();
    if (last != null) {
      trim(last);
      CompletableFuture<Void> others = left;
      leave(() -> others.thenCompose(gone -> last.log.close(read, wasRead && blank)));
    }
    return left;
  }
}
