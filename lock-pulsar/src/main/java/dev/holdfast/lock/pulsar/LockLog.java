package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.BackendFailure;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.Reader;
import org.jspecify.annotations.Nullable;

/**
 * The log of one lock, as a topic at the broker: a producer that writes to it, a reader at its
 * tail, and a {@link Keeper}.
 *
 * <p>What was written right behind what had been read needs no reading: its receipt tells the same,
 * and comes earlier. So records are handed on by whichever of Pulsar's threads brings them, one
 * after another all the same.
 *
 * <p>Guarded by this object's monitor, under which nothing is called: everything that is not final.
 */
final class LockLog {

  /** Who is told what stands in the log. */
  interface Follower {

    /** The state, read anew: up to {@code at}. */
    void read(LockState state, Position at);

    /** The next record. */
    void next(CatchUp.Received received);
  }

  /** Long enough for the broker to say where the topic is now. */
  private static final int READS_AGAIN_MILLIS = 100;

  private final PulsarClient client;
  private final String name;
  private final BackendContext context;
  private final int sendTimeoutMillis;
  private final Follower follower;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final Queue<Runnable> news = new ArrayDeque<>();
  private CompletableFuture<Producer<byte[]>> producer = new CompletableFuture<>();
  private CompletableFuture<Keeper> keeper = new CompletableFuture<>();
  private String topic;
  private @Nullable Reader<byte[]> reader;
  private @Nullable CatchUp catchUp;
  private int generation;
  private Position position = Position.START;
  private boolean telling;
  private boolean closed;
  private @Nullable CompletableFuture<Void> left;

  LockLog(PulsarClient client, String topic, BackendContext context, Follower follower) {
    this.client = client;
    this.name = topic;
    this.topic = topic;
    this.context = context;
    long patience = context.options().operationTimeout().toMillis();
    this.sendTimeoutMillis = (int) Math.max(1, Math.min(patience, Integer.MAX_VALUE));
    this.follower = follower;
  }

  /** Completes when the log has been read to its end. */
  CompletableFuture<Void> open() {
    CompletableFuture<Keeper> joins = Keeper.join(client, name, context.timer());
    CompletableFuture<Producer<byte[]>> writes =
        client
            .newProducer()
            .topic(name)
            .enableBatching(false) // a record's MessageId is a token: no two may share an entry
            .sendTimeout(sendTimeoutMillis, TimeUnit.MILLISECONDS)
            .blockIfQueueFull(false)
            .createAsync();
    synchronized (this) {
      keeper = joins;
      producer = writes;
    }
    var unused =
        joins
            .thenCompose(made -> writes.thenCompose(writer -> ofOnePart(writer, made)))
            .thenCompose(this::readAnew)
            .whenComplete((done, failure) -> opened(failure));
    return ready;
  }

  private void opened(@Nullable Throwable failure) {
    if (failure != null) {
      ready.completeExceptionally(PulsarFailures.translate(failure, name));
      var unused = close(Position.START, false);
    }
  }

  /** A topic of one part is used as that part; one of several has no order. */
  private CompletableFuture<Keeper> ofOnePart(Producer<byte[]> writer, Keeper made) {
    int partitions = writer.getNumOfPartitions();
    if (partitions > 1) {
      return CompletableFuture.failedFuture(PulsarFailures.partitioned(name, partitions));
    }
    if (partitions == 0) {
      return CompletableFuture.completedFuture(made);
    }
    String part = name + "-partition-0";
    CompletableFuture<Keeper> joins = new CompletableFuture<>();
    synchronized (this) {
      if (closed) {
        return keeper; // which leaves
      }
      topic = part;
      keeper = joins;
    }
    var unused =
        made.leave()
            .thenCompose(left -> Keeper.join(client, part, context.timer()))
            .whenComplete(
                (joined, failure) -> {
                  if (failure == null) {
                    joins.complete(joined);
                  } else {
                    joins.completeExceptionally(failure);
                  }
                });
    return joins;
  }

  /** Looks where the log ends, and reads from there, or from as far before as it must. */
  private CompletableFuture<Void> readAnew(Keeper by) {
    int current;
    synchronized (this) {
      current = ++generation;
    }
    return by.end().thenCompose(last -> readTo(current, last));
  }

  private CompletableFuture<Void> readTo(int current, Position last) {
    if (last.entry() >= 0) {
      return start(current, CatchUp.ofLast(last), last.toMessageId(), true);
    }
    if (!ready.isDone()) {
      tell(() -> follower.read(LockState.empty(), Position.START));
    }
    return start(current, null, MessageId.earliest, true)
        .thenAccept(unused -> ready.complete(null));
  }

  private CompletableFuture<Void> start(
      int current, @Nullable CatchUp reading, MessageId from, boolean inclusive) {
    Reader<byte[]> old;
    String readable;
    synchronized (this) {
      if (current != generation || closed) {
        return CompletableFuture.completedFuture(null);
      }
      readable = topic;
      old = reader;
      reader = null;
      catchUp = reading;
    }
    var unused = end(old);
    var builder = client.newReader().topic(readable).startMessageId(from).receiverQueueSize(100);
    return (inclusive ? builder.startMessageIdInclusive() : builder)
        .createAsync()
        .thenAccept(made -> keepReader(current, made));
  }

  private void keepReader(int current, Reader<byte[]> made) {
    synchronized (this) {
      if (current == generation && !closed) {
        reader = made;
      }
    }
    if (isCurrent(current)) {
      readOn(current, made);
    } else {
      var unused = end(made);
    }
  }

  private synchronized boolean isCurrent(int reading) {
    return reading == generation && !closed;
  }

  /**
   * Not by a listener: what that returns from is acknowledged by Pulsar, and an error is logged if
   * the reader was closed meanwhile.
   */
  private void readOn(int current, Reader<byte[]> from) {
    var unused =
        from.readNextAsync()
            .whenComplete(
                (message, failure) -> {
                  if (message != null && isCurrent(current)) {
                    received(current, message);
                    readOn(current, from);
                  }
                });
  }

  private void received(int current, Message<byte[]> message) {
    Position at = Position.of(message.getMessageId());
    CatchUp.Received next = received(message.getData(), at);
    CatchUp reading;
    boolean gap;
    synchronized (this) {
      if (current != generation || closed) {
        return;
      }
      reading = catchUp;
      gap = reading == null && !position.equals(Position.START) && !position.isRightBefore(at);
      if (gap && !position.isBefore(at)) {
        return; // known from its receipt, or twice after a reconnection
      }
      if (reading == null && !gap) {
        append(next);
      }
    }
    if (reading != null) {
      catchUp(current, reading, next);
    } else if (gap) {
      again();
    } else {
      tell();
    }
  }

  private CatchUp.Received received(byte[] message, Position at) {
    return new CatchUp.Received(LogRecord.parse(message), at, context.ticker().read());
  }

  /** The broker has our record: the same as read, unless others stand before it. */
  private void confirmed(byte[] message, Position at) {
    CatchUp.Received next = received(message, at);
    synchronized (this) {
      if (closed || catchUp != null || !position.isRightBefore(at)) {
        return; // the reader brings it, after what stands before it
      }
      append(next);
    }
    tell();
  }

  /** Under the monitor. */
  private void append(CatchUp.Received next) {
    position = next.at();
    news.add(() -> follower.next(next));
  }

  private void tell(Runnable last) {
    synchronized (this) {
      news.add(last);
    }
    tell();
  }

  /** Tells what is new, in order, unless another thread is at it, which then tells this too. */
  private void tell() {
    for (Runnable next = nextToTell(); next != null; next = nextToTell()) {
      try {
        next.run();
      } finally {
        told();
      }
    }
  }

  private synchronized @Nullable Runnable nextToTell() {
    Runnable next = telling ? null : news.poll();
    telling |= next != null;
    return next;
  }

  private synchronized void told() {
    telling = false;
  }

  /** Something may be missing: another ledger has begun, or we were away for long. */
  private void again() {
    Keeper by = keeper();
    if (by != null) {
      var unused = readAnew(by).exceptionally(failure -> againLater());
    }
  }

  /** It broke off, as when the topic moves once more: nobody reads now, and all would be missed. */
  private @Nullable Void againLater() {
    try {
      var unused = context.timer().schedule(this::again, READS_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // The client is closing.
    }
    return null;
  }

  private synchronized @Nullable Keeper keeper() {
    boolean there = !closed && keeper.isDone() && !keeper.isCompletedExceptionally();
    return there ? keeper.join() : null;
  }

  private void catchUp(int current, CatchUp reading, CatchUp.Received next) {
    if (!reading.add(next)) {
      return;
    }
    Optional<LockState> certain = reading.certain();
    if (certain.isEmpty() && reading.hasMore()) {
      readMore(current, CatchUp.ofMore(next.at()), reading.readFrom());
      return;
    }
    LockState state = certain.orElseGet(reading::best);
    synchronized (this) {
      if (current != generation) {
        return;
      }
      catchUp = null;
      position = next.at();
      news.add(() -> follower.read(state, next.at()));
      news.add(() -> ready.complete(null));
    }
    tell();
  }

  private void readMore(int before, CatchUp reading, Position base) {
    int current;
    synchronized (this) {
      if (before != generation) {
        return;
      }
      current = ++generation;
    }
    var unused =
        start(current, reading, base.toMessageId(), base.equals(Position.START))
            .exceptionally(
                failure ->
                    ready.completeExceptionally(PulsarFailures.translate(failure, name))
                        ? null
                        : againLater());
  }

  /** Writes a record; fails if the broker has not confirmed it in time, and then may have it. */
  CompletableFuture<MessageId> write(LogRecord record) {
    CompletableFuture<Producer<byte[]>> writer;
    synchronized (this) {
      writer = producer;
    }
    if (!writer.isDone()) {
      return CompletableFuture.failedFuture(notOpen());
    }
    byte[] message = record.write();
    return writer
        .thenCompose(open -> open.sendAsync(message))
        .whenComplete(
            (id, failure) -> {
              if (id != null) {
                confirmed(message, Position.of(id));
              }
            });
  }

  private BackendFailure notOpen() {
    return BackendFailure.transientFailure("the topic " + name + " is not open", null);
  }

  /** Where the log ends now; its entry is negative if it is empty. */
  CompletableFuture<Position> end() {
    CompletableFuture<Keeper> by;
    synchronized (this) {
      by = keeper;
    }
    return by.thenCompose(Keeper::end);
  }

  /** Lets the broker throw away everything up to {@code base}. */
  void trim(Position base) {
    Keeper by = keeper();
    if (by != null) {
      by.trim(base);
    }
  }

  /** Leaves the topic, as {@link #close}, for another log of it that is opened in its place. */
  CompletableFuture<Void> replace() {
    return close(Keeper::leave);
  }

  /**
   * Leaves the topic; waits for what is being opened, so that nothing of it stays. The broker
   * deletes the topic if nobody else is there and nothing in it matters any more.
   *
   * @param read how far it was read
   * @param blank whether nothing mattered there
   */
  CompletableFuture<Void> close(Position read, boolean blank) {
    return close(by -> by.leave(read, blank));
  }

  private CompletableFuture<Void> close(Function<Keeper, CompletableFuture<Void>> leaving) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    CompletableFuture<Producer<byte[]>> writer;
    CompletableFuture<Keeper> stays;
    synchronized (this) {
      if (left != null) {
        return left;
      }
      left = done;
      closed = true;
      generation++;
      writer = producer;
      stays = keeper;
    }
    ready.completeExceptionally(notOpen()); // who waits for it would wait for ever
    var unused =
        CompletableFuture.allOf(
                quietly(writer.thenCompose(Producer::closeAsync)),
                quietly(stays.thenCompose(leaving)))
            // Last, for what it is just getting is acknowledged by Pulsar, which would fail.
            .thenCompose(others -> end(lastReader()))
            .whenComplete((nothing, failure) -> done.complete(null));
    return done;
  }

  private synchronized @Nullable Reader<byte[]> lastReader() {
    return reader;
  }

  private static CompletableFuture<Void> end(@Nullable Reader<byte[]> left) {
    return left == null ? CompletableFuture.completedFuture(null) : quietly(left.closeAsync());
  }

  private static CompletableFuture<Void> quietly(CompletableFuture<Void> stage) {
    return stage.exceptionally(failure -> null);
  }
}
