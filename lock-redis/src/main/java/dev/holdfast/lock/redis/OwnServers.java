package dev.holdfast.lock.redis;

import dev.holdfast.lock.spi.Ticker;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.Transports;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Clients of Lettuce that are opened for a URI and closed with the backend. */
final class OwnServers {

  /**
   * The least that Lettuce takes. Five connections need no more, and nothing that we run on these
   * threads waits.
   */
  private static final int THREADS = 2;

  /** Longer than a lost SYN takes to be repeated; an outage must not outlast its end by much. */
  private static final Duration LONGEST_CONNECT = Duration.ofSeconds(2);

  /** How soon a cluster's new master is known when nothing else tells of it. */
  private static final Duration TOPOLOGY_REFRESH = Duration.ofSeconds(5);

  private OwnServers() {}

  static Servers of(RedisUrl url, Ticker ticker, Duration operationTimeout) {
    return url.isCluster()
        ? new Cluster(url, ticker, operationTimeout)
        : new Single(url, ticker, operationTimeout);
  }

  private static ClientResources resources() {
    return DefaultClientResources.builder()
        .ioThreadPoolSize(THREADS)
        .computationThreadPoolSize(THREADS)
        .reconnectDelay(Delay.fullJitter(10, 500, 20, TimeUnit.MILLISECONDS))
        .addressResolverGroup(resolver())
        .build();
  }

  /** As Lettuce's own, which all clients of the JVM share, and which so nobody can close. */
  private static DnsAddressResolverGroup resolver() {
    return new DnsAddressResolverGroup(
        new DnsNameResolverBuilder()
            .datagramChannelType(Transports.datagramChannelClass())
            .socketChannelType(Transports.socketChannelClass().asSubclass(SocketChannel.class)));
  }

  private static Duration limit(Duration operationTimeout) {
    return operationTimeout.compareTo(LONGEST_CONNECT) < 0 ? operationTimeout : LONGEST_CONNECT;
  }

  /**
   * A server that is frozen takes connections all the same, and answers no greeting: for that a URI
   * allows 60 s, unless it says otherwise.
   */
  private static RedisURI impatient(RedisURI given, Duration operationTimeout) {
    if (given.getTimeout().equals(RedisURI.DEFAULT_TIMEOUT_DURATION)) {
      given.setTimeout(limit(operationTimeout));
      given.getSentinels().forEach(sentinel -> sentinel.setTimeout(limit(operationTimeout)));
    }
    return given;
  }

  private static SocketOptions sockets(Duration operationTimeout) {
    return SocketOptions.builder().connectTimeout(limit(operationTimeout)).keepAlive(true).build();
  }

  /**
   * Ends all that a client has, each part in its time. The resolver comes first, while the threads
   * still take tasks: one that ends just then leaves what is open on it, and the resolver has a UDP
   * socket on each.
   */
  private static CompletableFuture<Void> end(
      AbstractRedisClient client, ClientResources resources, Duration limit) {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    resources.addressResolverGroup().close();
    var unused =
        client
            .shutdownAsync(0, limit.toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete(
                (done, failure) ->
                    resources
                        .shutdown(0, limit.toMillis(), TimeUnit.MILLISECONDS)
                        .addListener(future -> ended.complete(null)));
    return ended;
  }

  /**
   * One server, or the master that Sentinels name. A connection that breaks is given up and another
   * one opened, so no command is ever sent twice, and each new one asks the Sentinels.
   */
  private static final class Single implements Servers {

    private final RedisUrl url;
    private final Ticker ticker;
    private final ClientResources resources = resources();
    private final RedisClient client;
    private final RedisURI address;

    Single(RedisUrl url, Ticker ticker, Duration operationTimeout) {
      this.url = url;
      this.ticker = ticker;
      this.address = impatient(url.addresses().get(0), operationTimeout);
      this.client = RedisClient.create(resources);
      client.setOptions(
          ClientOptions.builder()
              .autoReconnect(false)
              .timeoutOptions(TimeoutOptions.create()) // none: the engine counts, and so does Line
              .maintNotificationsConfig(MaintNotificationsConfig.disabled())
              .socketOptions(sockets(operationTimeout))
              .build());
    }

    @Override
    public String backend() {
      return address.getSentinelMasterId() == null ? "redis" : "redis:sentinel";
    }

    @Override
    public String describe() {
      return url.shown();
    }

    @Override
    public boolean isCluster() {
      return false;
    }

    @Override
    public CompletionStage<Link> connect() {
      return client
          .connectAsync(StringCodec.UTF8, address)
          .thenApply(connection -> new Link(connection, connection.async(), ticker));
    }

    @Override
    public CompletionStage<StatefulRedisPubSubConnection<String, String>> connectPubSub() {
      return client.connectPubSubAsync(StringCodec.UTF8, address);
    }

    @Override
    public CompletableFuture<Void> close(Duration limit) {
      return end(client, resources, limit);
    }
  }

  /**
   * A cluster: Lettuce keeps a connection per node and opens them again by itself. Before each of
   * ours it is asked which nodes there are: it must know any, and a connection that was given up
   * for stuck may have led to one that is no master any more.
   */
  private static final class Cluster implements Servers {

    private final RedisUrl url;
    private final Ticker ticker;
    private final ClientResources resources = resources();
    private final RedisClusterClient client;

    Cluster(RedisUrl url, Ticker ticker, Duration operationTimeout) {
      this.url = url;
      this.ticker = ticker;
      List<RedisURI> seeds =
          url.addresses().stream().map(seed -> impatient(seed, operationTimeout)).toList();
      this.client = RedisClusterClient.create(resources, seeds);
      ClusterTopologyRefreshOptions refresh =
          ClusterTopologyRefreshOptions.builder()
              .adaptiveRefreshTriggersTimeout(Duration.ofSeconds(1))
              .enablePeriodicRefresh(TOPOLOGY_REFRESH)
              .build();
      ClusterClientOptions.Builder options =
          ClusterClientOptions.builder()
              .topologyRefreshOptions(refresh)
              .socketOptions(sockets(operationTimeout));
      var unused = options.maintNotificationsConfig(MaintNotificationsConfig.disabled());
      client.setOptions(options.build());
    }

    @Override
    public String backend() {
      return "redis:cluster";
    }

    @Override
    public String describe() {
      return url.shown();
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
          .thenApply(connection -> new Link(connection, connection.async(), ticker));
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
      return end(client, resources, limit);
    }
  }
}
