package dev.holdfast.lock.redis;

import dev.holdfast.lock.spi.BackendContext;
import io.lettuce.core.RedisClient;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The application's own clients of Lettuce, which it keeps: only our connections are closed. */
final class LentServers {

  private LentServers() {}

  static Servers of(RedisClient client, BackendContext context) {
    return new Single(client, context);
  }

  static Servers of(RedisClusterClient client, BackendContext context) {
    return new Cluster(client, context);
  }

  /** Its own URI is known to the client only, and asked for by calls that block: on a worker. */
  private record Single(RedisClient client, BackendContext context) implements Servers {

    @Override
    public String backend() {
      return "redis";
    }

    @Override
    public String describe() {
      return "the application's RedisClient";
    }

    @Override
    public boolean isCluster() {
      return false;
    }

    @Override
    public CompletionStage<Link> connect() {
      return CompletableFuture.supplyAsync(
              () -> client.connect(StringCodec.UTF8), context.workers())
          .thenApply(connection -> new Link(connection, connection.async(), context.ticker()));
    }

    @Override
    public CompletionStage<StatefulRedisPubSubConnection<String, String>> connectPubSub() {
      return CompletableFuture.supplyAsync(
          () -> client.connectPubSub(StringCodec.UTF8), context.workers());
    }

    @Override
    public CompletableFuture<Void> close(Duration limit) {
      return CompletableFuture.completedFuture(null);
    }
  }

  private record Cluster(RedisClusterClient client, BackendContext context) implements Servers {

    @Override
    public String backend() {
      return "redis:cluster";
    }

    @Override
    public String describe() {
      return "the application's RedisClusterClient";
    }

    @Override
    public boolean isCluster() {
      return true;
    }

    @Override
    public CompletionStage<Link> connect() {
      return client
          .refreshPartitionsAsync()
          .exceptionally(notNow -> null) // what is known already may do
          .thenCompose(known -> client.connectAsync(StringCodec.UTF8))
          .thenApply(connection -> new Link(connection, connection.async(), context.ticker()));
    }

    @Override
    public CompletionStage<? extends StatefulRedisPubSubConnection<String, String>>
        connectPubSub() {
      return client
          .refreshPartitionsAsync()
          .exceptionally(notNow -> null) // what is known already may do
          .thenCompose(known -> client.connectPubSubAsync(StringCodec.UTF8));
    }

    @Override
    public CompletableFuture<Void> close(Duration limit) {
      return CompletableFuture.completedFuture(null);
    }
  }
}
