package dev.holdfast.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.Direction;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.RedisServer;
import dev.holdfast.lock.testkit.spi.TestClaim;
import dev.holdfast.lock.testkit.spi.TestContext;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Renewals that are answered over their own connection after something else was over another. */
class LateAnswerTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private static final Duration LEASE = Duration.ofMinutes(1);

  private final RedisServer server = TestServers.standalone();
  private final FaultProxy proxy = FaultProxy.to(server.address());
  private final Admin admin = Admin.of(server.uri());
  private final TestContext context =
      new TestContext(Clients.options().lease(LEASE).operationTimeout(LONG).build());
  private final RedisBackend backend =
      new RedisBackend(
          new RenewalsBehind(servers(server.uri()), servers(server.uri("127.0.0.1", proxy.port()))),
          RedisLockOptions.defaults(),
          context);

  private Servers servers(String uri) {
    return OwnServers.of(RedisUrl.parse(uri, RedisLockOptions.defaults()), context.ticker(), LONG);
  }

  @BeforeEach
  void theServerIsOld() {
    admin.introduce(LEASE);
  }

  @AfterEach
  void close() throws Exception {
    get(backend.close(LONG));
    admin.close();
    proxy.close();
    context.close();
  }

  /**
   * L3: the server has forgotten the registration and says so late, when the lock was granted to
   * the claim that asked anew.
   */
  @Test
  void registrationGone_answeredAfterTheGrant_isNoLoss() throws Exception {
    Claim held = TestClaim.of("answers-in-time", LEASE);
    assertThat(get(backend.claim(held))).isInstanceOf(Granted.class);
    backend.renew(List.of(held));
    Await.until("the renewals' connection", LONG, () -> context.renewed.containsKey(held));
    Claim claim = TestClaim.of("answered-late", LEASE);
    var unused = queued(claim);
    forget(claim);
    long before = admin.scriptsRun();
    proxy.stall(Direction.SERVER_TO_CLIENT);
    backend.renew(List.of(claim));
    Await.until("the renewal at the server", LONG, () -> admin.scriptsRun() > before);
    admin.commands().del(claim.name());
    assertThat(get(backend.claim(claim))).isInstanceOf(Granted.class);
    proxy.heal();
    backend.renew(List.of(claim));
    Await.until("an answer behind it", LONG, () -> context.renewed.containsKey(claim));
    assertThat(context.gone).isEmpty();
    get(backend.release(claim));
    get(backend.release(held));
  }

  /** W3: who waits and is not known to the server any more asks again, at the next renewal. */
  @Test
  void registrationGone_whileItWaits_asksAgain() throws Exception {
    Claim claim = TestClaim.of("forgotten", LEASE);
    CompletableFuture<ClaimOutcome> next = queued(claim);
    String entry = entry(claim);
    backend.renew(List.of(claim));
    Await.until("its registration to be renewed", LONG, () -> !entry.equals(entry(claim)));
    forget(claim);
    assertThat(next).isNotDone();
    backend.renew(List.of(claim));
    assertThat(((Waiting) get(next)).lookAgainIn()).isZero();
    assertThat(context.renewed).as("a place in the queue is no lock").isEmpty();
    get(backend.release(claim));
    admin.commands().del(claim.name());
  }

  /** Lets it wait behind somebody else; what it is told next. */
  private CompletableFuture<ClaimOutcome> queued(Claim claim) throws Exception {
    admin.commands().set(claim.name(), "somebody-else", SetArgs.Builder.px(LEASE));
    return ((Waiting) get(backend.claim(claim))).next().toCompletableFuture();
  }

  private String entry(Claim claim) {
    return admin.commands().hget(RedisKeys.of(claim.name()).waiters(), claim.id());
  }

  private void forget(Claim claim) {
    RedisCommands<String, String> commands = admin.commands();
    RedisKeys keys = RedisKeys.of(claim.name());
    assertThat(commands.del(keys.queue(), keys.waiters())).isEqualTo(2);
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(LONG.toSeconds(), TimeUnit.SECONDS);
  }

  /** The first connection for commands is that for claims, and leads straight to the server. */
  private static final class RenewalsBehind implements Servers {

    private final Servers direct;
    private final Servers behind;
    private final AtomicInteger connections = new AtomicInteger();

    RenewalsBehind(Servers direct, Servers behind) {
      this.direct = direct;
      this.behind = behind;
    }

    @Override
    public CompletionStage<Link> connect() {
      return (connections.getAndIncrement() == 0 ? direct : behind).connect();
    }

    @Override
    public CompletionStage<? extends StatefulRedisPubSubConnection<String, String>>
        connectPubSub() {
      return direct.connectPubSub();
    }

    @Override
    public String backend() {
      return direct.backend();
    }

    @Override
    public String describe() {
      return direct.describe();
    }

    @Override
    public boolean isCluster() {
      return false;
    }

    @Override
    public CompletableFuture<Void> close(Duration limit) {
      return CompletableFuture.allOf(direct.close(limit), behind.close(limit));
    }
  }
}
