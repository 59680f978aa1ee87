package dev.holdfast.lock.pulsar;

import static java.util.concurrent.CompletableFuture.completedFuture;

import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockRecords;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.PulsarClient;

/**
 * Locks as logs: each lock has a topic, each step is a record in it, and who holds the lock follows
 * from the records alone ({@link LockState}).
 *
 * <p><b>Why the name is not given away before S + validFor.</b> A holder is taken out of the log by
 * its own RELEASE, by an operator, or by an EXPIRE that names its last sign of life, and is void if
 * a later one stands before it. A client writes an EXPIRE when that sign is a whole lease old by
 * its own monotonic clock, counted from when it received it: that was after it had been written,
 * which was after S, when it was sent. A sign counts for the holder only when it has read it in the
 * log, or has its receipt from right behind what it had read, and was still the holder there.
 * BookKeeper gives the log one order, whichever brokers believe to own the topic: the ledger of one
 * that was frozen is closed before another writes. No clock but monotonic ones decides, and the
 * broker's none at all.
 */
final class PulsarBackend implements LockBackend {

  private final PulsarClient client;
  private final boolean own;
  private final BackendContext context;
  private final Topics topics;

  PulsarBackend(
      PulsarClient client, boolean own, PulsarLockOptions options, BackendContext context) {
    this.client = client;
    this.own = own;
    this.context = context;
    this.topics = new Topics(client, options, context);
  }

  @Override
  public LockCapabilities capabilities() {
    return LockCapabilities.of("pulsar").withQueue().withParticipants();
  }

  @Override
  public CompletionStage<ClaimOutcome> claim(Claim claim) {
    Place place = Place.of(claim);
    return topics.enter(place).claim(place);
  }

  @Override
  public void renew(Collection<? extends Claim> claims) {
    for (Claim claim : claims) {
      if (claim.attachment() instanceof Place place) {
        LockTopic topic = place.topic;
        if (topic != null) {
          topic.renew(place);
        }
      }
    }
  }

  @Override
  public CompletionStage<ReleaseOutcome> release(Claim claim) {
    Place place = Place.of(claim);
    LockTopic topic = place.topic;
    if (topic == null) {
      place.withdrawn = true;
      return completedFuture(ReleaseOutcome.NOT_HELD);
    }
    return topic.release(place);
  }

  @Override
  public CompletionStage<LockView> inspect(String name) {
    return topics.visit(name).look(state -> state.view(context.ticker().read()));
  }

  @Override
  public Optional<LockRecords> records() {
    return Optional.of(new PulsarRecords(topics));
  }

  /** A client that is lent stays open; closing our own may block for a moment. */
  @Override
  public CompletionStage<Void> close(Duration limit) {
    CompletableFuture<Void> left = new CompletableFuture<>();
    var timeout =
        context
            .timer()
            .schedule(() -> left.complete(null), limit.toNanos() / 10 * 9, TimeUnit.NANOSECONDS);
    var unused =
        topics
            .close()
            .whenComplete(
                (done, failure) -> {
                  timeout.cancel(false);
                  left.complete(null);
                });
    return own ? left.thenRunAsync(() -> PulsarClients.end(client), context.workers()) : left;
  }
}
