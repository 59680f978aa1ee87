package dev.holdfast.lock.redis;

import dev.holdfast.lock.spi.BackendContext;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The messages by which the server hands locks to this client: {@code <claim id> <token> <sent>},
 * on a channel of its own.
 *
 * <p>{@code sent} is what this client said with the registration that the server saw last: the
 * instant from which the grant counts. Messages that are lost with their connection are made good
 * by asking again for all that wait.
 */
final class Pushes {

  /** What a message leads to. */
  interface Receiver {
    void granted(String claimId, long token, long sent);
  }

  private final Servers servers;
  private final BackendContext context;
  private final Duration patience;
  private final String channel;
  private final Receiver receiver;
  private final Runnable lost;
  private final Line line;

  Pushes(
      Servers servers,
      BackendContext context,
      Duration patience,
      String channel,
      Receiver receiver,
      Runnable lost) {
    this.servers = servers;
    this.context = context;
    this.patience = patience;
    this.channel = channel;
    this.receiver = receiver;
    this.lost = lost;
    this.line = new Line(this::open, context.ticker(), patience);
  }

  /** The connection if messages come over it, else null. */
  @Nullable Link ready() {
    return line.ready();
  }

  /** Completes when messages can come. */
  CompletableFuture<Link> link() {
    return line.link();
  }

  private CompletionStage<Link> open() {
    return servers.connectPubSub().thenCompose(this::subscribe);
  }

  private CompletionStage<Link> subscribe(
      StatefulRedisPubSubConnection<String, String> connection) {
    connection.addListener(
        new RedisPubSubAdapter<String, String>() {
          @Override
          public void message(String from, String message) {
            received(message);
          }
        });
    connection.addListener(
        new RedisConnectionStateListener() {
          @Override
          public void onRedisDisconnected(RedisChannelHandler<?, ?> broken) {
            lost.run();
          }
        });
    CompletableFuture<Link> subscribed = new CompletableFuture<>();
    var unused =
        subscribed.whenComplete((link, failure) -> closeUnless(failure == null, connection));
    try {
      subscribe(connection, subscribed);
    } catch (RuntimeException e) { // of a timer that has ended, for one
      subscribed.completeExceptionally(e);
    }
    return subscribed;
  }

  private static void closeUnless(
      boolean subscribed, StatefulRedisPubSubConnection<String, String> connection) {
    if (!subscribed) {
      var unused = connection.closeAsync();
    }
  }

  /** With a limit: while this is under way no other connection is opened. */
  private void subscribe(
      StatefulRedisPubSubConnection<String, String> connection,
      CompletableFuture<Link> subscribed) {
    Future<?> limit =
        context
            .timer()
            .schedule(
                () -> subscribed.completeExceptionally(new TimeoutException("SUBSCRIBE")),
                patience.toNanos(),
                TimeUnit.NANOSECONDS);
    var unused =
        connection
            .async()
            .subscribe(channel)
            .whenComplete(
                (done, failure) -> {
                  limit.cancel(false);
                  if (failure == null) {
                    subscribed.complete(new Link(connection, connection.async(), context.ticker()));
                  } else {
                    subscribed.completeExceptionally(failure);
                  }
                });
  }

  private void received(String message) {
    String[] words = message.split(" ", 3);
    if (words.length == 3) {
      receiver.granted(words[0], Long.parseLong(words[1]), Long.parseLong(words[2]));
    }
  }

  /** Finds out whether the connection still answers; if not, the next claim opens another. */
  void check() {
    Link link = line.ready();
    if (link == null) {
      lost.run();
    } else {
      try {
        var unused = link.expect(link.commands.ping());
      } catch (RuntimeException e) {
        line.drop(link);
      }
    }
  }

  CompletableFuture<Void> close() {
    return line.close();
  }
}
