package dev.holdfast.lock.pulsar;

import java.util.concurrent.CompletableFuture;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.Reader;

/** Reads once what a log says at its end, for one who does not follow it. */
final class LastState {

  private LastState() {}

  /** What follows from the log up to its last record, which stands at {@code end}. */
  static CompletableFuture<LockState> read(PulsarClient client, String topic, Position end) {
    return read(client, topic, end, true, CatchUp.ofLast(end))
        .thenCompose(
            last ->
                last.certain().isPresent()
                    ? CompletableFuture.completedFuture(last)
                    : readMore(client, topic, end, last.readFrom()))
        .thenApply(CatchUp::best);
  }

  private static CompletableFuture<CatchUp> readMore(
      PulsarClient client, String topic, Position end, Position base) {
    return read(client, topic, base, base.equals(Position.START), CatchUp.ofMore(end));
  }

  private static CompletableFuture<CatchUp> read(
      PulsarClient client, String topic, Position from, boolean inclusive, CatchUp into) {
    var builder = client.newReader().topic(topic).startMessageId(from.toMessageId());
    return (inclusive ? builder.startMessageIdInclusive() : builder)
        .createAsync()
        .thenCompose(reader -> fill(into, reader).whenComplete((all, failure) -> end(reader)));
  }

  private static void end(Reader<byte[]> reader) {
    var unused = reader.closeAsync();
  }

  private static CompletableFuture<CatchUp> fill(CatchUp into, Reader<byte[]> from) {
    return from.readNextAsync()
        .thenCompose(
            message ->
                into.add(received(message))
                    ? CompletableFuture.completedFuture(into)
                    : fill(into, from));
  }

  /** Its time is of no matter: who is dead is not asked. */
  private static CatchUp.Received received(Message<byte[]> message) {
    LogRecord record = LogRecord.parse(message.getData());
    return new CatchUp.Received(record, Position.of(message.getMessageId()), 0);
  }
}
