package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.spi.BackendFailure;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.PulsarClientException.ConsumerBusyException;
import org.apache.pulsar.client.api.SubscriptionInitialPosition;
import org.apache.pulsar.client.api.SubscriptionType;
import org.apache.pulsar.client.api.TopicMessageId;

/**
 * A place in the failover subscription that all clients of a lock share: it keeps the broker from
 * trimming what still matters and from deleting the topic. It reads nothing and elects nobody.
 *
 * <p>The last one to leave takes the subscription along. The broker tells nobody whether it is the
 * last, but lets only one in who wants the subscription for itself alone, and only while nobody
 * else is there. So each first leaves, and then asks for that: of any number that leave in the same
 * moment the last one gets it, or finds one who has it for the same purpose. Who comes while it is
 * had alone asks again, and if that does not end, its process being frozen perhaps, takes a place
 * in a spare subscription, which keeps the topic as well.
 */
final class Keeper {

  /** All clients of a lock share it. */
  static final String SUBSCRIPTION = "holdfast";

  private static final String SPARE = SUBSCRIPTION + "-spare";

  /** While one who leaves has the subscription for itself: some three requests. */
  private static final int ASKS_AGAIN_MILLIS = 20;

  private static final int ASKS = 25;

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final PulsarClient client;
  private final String topic;
  private final String subscription;
  private final Consumer<byte[]> place;

  private Keeper(PulsarClient client, String topic, String subscription, Consumer<byte[]> place) {
    this.client = client;
    this.topic = topic;
    this.subscription = subscription;
    this.place = place;
  }

  /** Takes a place; waits a moment if somebody who leaves is just tidying up. */
  static CompletableFuture<Keeper> join(
      PulsarClient client, String topic, ScheduledExecutorService timer) {
    return join(client, topic, SUBSCRIPTION, timer, ASKS)
        .exceptionallyCompose(
            failure ->
                isBusy(failure)
                    ? join(client, topic, SPARE, timer, ASKS)
                    : CompletableFuture.failedFuture(failure));
  }

  private static CompletableFuture<Keeper> join(
      PulsarClient client,
      String topic,
      String subscription,
      ScheduledExecutorService timer,
      int asks) {
    return subscribe(client, topic, subscription, SubscriptionType.Failover)
        .thenApply(made -> new Keeper(client, topic, subscription, made))
        .exceptionallyCompose(
            failure ->
                asks > 1 && isBusy(failure)
                    ? later(timer)
                        .thenCompose(now -> join(client, topic, subscription, timer, asks - 1))
                    : CompletableFuture.failedFuture(failure));
  }

  private static boolean isBusy(Throwable failure) {
    return PulsarFailures.unwrap(failure) instanceof ConsumerBusyException;
  }

  private static CompletableFuture<Void> later(ScheduledExecutorService timer) {
    CompletableFuture<Void> time = new CompletableFuture<>();
    try {
      var unused =
          timer.schedule(() -> time.complete(null), ASKS_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      time.completeExceptionally(BackendFailure.transientFailure("the client is closing", e));
    }
    return time;
  }

  private static CompletableFuture<Consumer<byte[]>> subscribe(
      PulsarClient client, String topic, String subscription, SubscriptionType type) {
    return client
        .newConsumer()
        .topic(topic)
        .subscriptionName(subscription)
        .subscriptionType(type)
        .subscriptionInitialPosition(SubscriptionInitialPosition.Earliest)
        .acknowledgmentGroupTime(0, TimeUnit.MILLISECONDS)
        .receiverQueueSize(1)
        .startPaused(true) // it keeps a place; the reader reads
        .subscribeAsync();
  }

  /** Where the log ends now; its entry is negative if that is at its beginning. */
  CompletableFuture<Position> end() {
    return end(place);
  }

  private static CompletableFuture<Position> end(Consumer<byte[]> by) {
    return by.getLastMessageIdsAsync().thenApply(Keeper::only);
  }

  private static Position only(List<TopicMessageId> ids) {
    return Position.of(ids.get(0));
  }

  /** Lets the broker throw away everything up to {@code base}. */
  void trim(Position base) {
    if (!base.equals(Position.START)) {
      var unused = place.acknowledgeCumulativeAsync(base.toMessageId()).exceptionally(f -> null);
    }
  }

  /** Leaves, and looks after nothing. */
  CompletableFuture<Void> leave() {
    return place.closeAsync().exceptionally(failure -> null);
  }

  /**
   * Leaves, and takes the subscription along if nobody else is there and nothing in the log matters
   * any more.
   *
   * @param read how far the leaving client has read
   * @param blank whether nothing mattered there
   */
  CompletableFuture<Void> leave(Position read, boolean blank) {
    return mayBeBlank(read, blank)
        .thenCompose(worthIt -> leave().thenApply(left -> worthIt))
        .thenCompose(worthIt -> worthIt ? tidyUp(read, blank) : DONE);
  }

  private CompletableFuture<Boolean> mayBeBlank(Position read, boolean blank) {
    return blank
        ? CompletableFuture.completedFuture(true)
        : end()
            .thenApply(end -> end.entry() < 0 || read.isBefore(end))
            .exceptionally(failure -> false);
  }

  private CompletableFuture<Void> tidyUp(Position read, boolean blank) {
    return subscribe(client, topic, subscription, SubscriptionType.Exclusive)
        .thenCompose(
            alone ->
                end(alone)
                    .thenCompose(end -> isBlank(end, read, blank))
                    .thenCompose(nothing -> nothing ? alone.unsubscribeAsync() : DONE)
                    .exceptionally(failure -> null)
                    .thenCompose(done -> alone.closeAsync()))
        .exceptionally(othersAreThere -> null);
  }

  private CompletableFuture<Boolean> isBlank(Position end, Position read, boolean blank) {
    if (end.entry() < 0 || !read.isBefore(end)) {
      return CompletableFuture.completedFuture(end.entry() < 0 || blank);
    }
    return LastState.read(client, topic, end).thenApply(LockState::isBlank);
  }
}
