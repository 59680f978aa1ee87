package dev.holdfast.lock.redis;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.RedisServer;
import dev.holdfast.lock.testkit.spi.TestContext;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class PushesTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final RedisServer server = TestServers.standalone();

  /** W3: the network fails between the greeting and the subscription: another one is opened. */
  @Test
  void subscription_thatIsNotAnswered_isGivenUp() throws Exception {
    RedisClient client = RedisClient.create();
    try (FaultProxy proxy = FaultProxy.to(server.address());
        TestContext context = new TestContext(Clients.options().build())) {
      RedisURI address = RedisURI.create(server.uri("127.0.0.1", proxy.port()));
      Pushes pushes =
          new Pushes(
              new SilentOnceConnected(client, address, proxy),
              context,
              Duration.ofSeconds(1),
              "holdfast:test",
              (claimId, token, sent) -> {},
              () -> {});
      assertThatThrownBy(() -> pushes.link().get(LONG.toSeconds(), TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(TimeoutException.class)
          .hasMessageContaining("SUBSCRIBE");
      proxy.heal();
      Await.until("its connection to be closed", LONG, () -> proxy.openConnections() == 0);
      Await.until("another one", LONG, () -> pushes.link().get(5, TimeUnit.SECONDS) != null);
      pushes.close().get(LONG.toSeconds(), TimeUnit.SECONDS);
    } finally {
      client.shutdown();
    }
  }

  /** After the first greeting nothing comes through any more, until it is healed. */
  private static final class SilentOnceConnected implements Servers {

    private final RedisClient client;
    private final RedisURI address;
    private final FaultProxy proxy;
    private boolean done;

    SilentOnceConnected(RedisClient client, RedisURI address, FaultProxy proxy) {
      this.client = client;
      this.address = address;
      this.proxy = proxy;
    }

    @Override
    public CompletionStage<StatefulRedisPubSubConnection<String, String>> connectPubSub() {
      return client
          .connectPubSubAsync(StringCodec.UTF8, address)
          .thenApply(
              connection -> {
                if (!done) {
                  done = true;
                  proxy.blackHole();
                }
                return connection;
              });
    }

    @Override
    public String backend() {
      return "redis";
    }

    @Override
    public String describe() {
      return address.toString();
    }

    @Override
    public boolean isCluster() {
      return false;
    }

    @Override
    public CompletionStage<Link> connect() {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> close(Duration limit) {
      return CompletableFuture.completedFuture(null);
    }
  }
}
