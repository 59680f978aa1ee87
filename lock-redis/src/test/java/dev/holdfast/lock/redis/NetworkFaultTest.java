package dev.holdfast.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.Direction;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.RedisServer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a network does to waiters, to the end of a client, and to its connections. */
class NetworkFaultTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final RedisServer server = TestServers.standalone();
  private final FaultProxy proxy =
      FaultProxy.to(new InetSocketAddress(server.host(), server.port()));
  private final String faulty = server.uri("127.0.0.1", proxy.port());
  private final Clients clients = new Clients();

  @AfterEach
  void close() {
    proxy.heal();
    clients.close();
    proxy.close();
  }

  private static void pass(long until) {
    Await.until("time to pass", LONG, () -> System.nanoTime() - until > 0);
  }

  /**
   * W3, H-54: who waits hears of a release though its messages' connection breaks at that moment.
   */
  @Test
  void waiter_whoseMessagesAreLost_isServedSoon() throws Exception {
    LockClient a = clients.at(server.uri());
    LockClient b = clients.at(faulty);
    long longest = 0;
    for (int i = 0; i < 30; i++) {
      LockHandle held = a.lock("message").acquire();
      CompletableFuture<LockHandle> waiter = b.lock("message").acquireAsync();
      Await.until(
          "its place", LONG, () -> server.cli("LLEN", "holdfast:queue:{message}").equals("1"));
      if (i % 2 == 0) {
        proxy.reset();
      } else {
        proxy.blackHole(Direction.SERVER_TO_CLIENT);
      }
      long released = System.nanoTime();
      held.close();
      proxy.heal();
      waiter.get(LONG.toSeconds(), TimeUnit.SECONDS).close();
      longest = Math.max(longest, System.nanoTime() - released);
    }
    // The poll interval is 1 s.
    assertThat(Duration.ofNanos(longest)).isLessThan(Await.scaled(Duration.ofMillis(1_500)));
  }

  /** R3, H-78: into a black hole, in time and with nothing left. */
  @Test
  void close_intoABlackHole_endsInTime() throws Exception {
    LockClient a = clients.at(faulty);
    var unused = a.lock("closing").acquire();
    proxy.blackHole();
    long begun = System.nanoTime();
    a.close();
    assertThat(Duration.ofNanos(System.nanoTime() - begun))
        .isLessThan(Await.scaled(Duration.ofMillis(3_500)));
    proxy.heal();
    Await.until("no connection left", LONG, () -> proxy.openConnections() == 0);
  }

  /** Three connections, however many locks and waiters. */
  @Test
  void connections_ofAClient_areThree() throws Exception {
    LockClient a = clients.at(faulty);
    LockClient b = clients.at(server.uri());
    List<LockHandle> blocking = new ArrayList<>();
    List<CompletableFuture<LockHandle>> waiting = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      blocking.add(b.lock("connections-b-" + i).acquire());
      waiting.add(a.lock("connections-b-" + i).acquireAsync());
      waiting.add(a.lock("connections-a-" + i).acquireAsync());
    }
    pass(System.nanoTime() + 1_000_000_000L); // renewals among it
    assertThat(proxy.openConnections()).isEqualTo(3);
    blocking.forEach(LockHandle::close);
    for (CompletableFuture<LockHandle> each : waiting) {
      each.get(LONG.toSeconds(), TimeUnit.SECONDS).close();
    }
    assertThat(proxy.acceptedConnections()).isEqualTo(3);
  }
}
