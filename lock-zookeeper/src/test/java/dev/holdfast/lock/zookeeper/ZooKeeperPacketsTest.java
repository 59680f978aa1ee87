package dev.holdfast.lock.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.Direction;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.ZooKeeperServer;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What every step costs, by the server's own counters of packets, in both directions. */
class ZooKeeperPacketsTest {

  private static final Duration LONG = Duration.ofSeconds(60); // no ping within a test

  private static ZooKeeperServer server;

  @BeforeAll
  static void start() {
    server = Servers.options().launchOwn(); // of its own: nobody else may send
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Node node() {
    return new Node(ZooKeeperLocks.at("zookeeper://" + server.connectString()), LONG);
  }

  /** Asking costs packets too, always as many. */
  private static long packets() {
    return server.metric("zk_packets_received") + server.metric("zk_packets_sent");
  }

  private static long between(long before) {
    long now = packets();
    long asking = packets() - now;
    return now - before - asking;
  }

  /** S2, DESIGN 7: a claim is create and getChildren, sent at once; a release is one delete. */
  @Test
  void uncontendedPair_isThreeRequests_inTwoTrips() {
    try (Node node = node()) {
      pair(node, "pair");
      int rounds = 50;
      long before = packets();
      for (int i = 0; i < rounds; i++) {
        pair(node, "pair");
      }
      double each = between(before) / 2.0 / rounds;
      print("acquire and release=%.2f requests".formatted(each));
      assertThat(each).isBetween(2.9, 3.1);
    }
  }

  private static void pair(Node node, String name) {
    Claim claim = TestClaim.of(name, Duration.ofSeconds(2));
    node.grant(claim);
    node.release(claim);
  }

  /** One round trip: with answers that take long, a claim takes as long, and not twice. */
  @Test
  void claim_isOneRoundTrip_andOfANewNameTwo() throws Exception {
    Duration delay = Duration.ofMillis(400);
    LockClientOptions options = LockClientOptions.builder().lease(LONG).build();
    try (FaultProxy proxy = FaultProxy.to(server.address());
        LockClient client =
            LockClient.over(ZooKeeperLocks.at("zookeeper://127.0.0.1:" + proxy.port()), options)) {
      client.lock("trip").acquire(Duration.ofSeconds(20)).close();
      proxy.delay(delay, Duration.ZERO, 1, Direction.SERVER_TO_CLIENT);
      assertTrips(1, List.of("trip", "trip", "trip"), client, delay);
      assertTrips(2, List.of("new 1", "new 2", "new 3"), client, delay);
    }
  }

  /** By the quickest of several: any may be held up by a busy machine. */
  private static void assertTrips(int trips, List<String> names, LockClient client, Duration delay)
      throws Exception {
    long quickest = Long.MAX_VALUE;
    for (String name : names) {
      long start = System.nanoTime();
      LockHandle held = client.lock(name).acquire(Duration.ofSeconds(20));
      quickest = Math.min(quickest, System.nanoTime() - start);
      held.close();
    }
    Duration took = Duration.ofNanos(quickest);
    print("a claim: %d ms where a round trip takes %d ms".formatted(took.toMillis(), 400));
    assertThat(took).isBetween(delay.multipliedBy(trips), delay.multipliedBy(trips + 1));
  }

  /** W5: three to five packets per hand-over, however many wait. */
  @Test
  void handOver_isFivePackets_behindAnyNumberOfWaiters() {
    for (int waiters : List.of(1, 10, 100, 500)) {
      String name = "hand-over-" + waiters;
      try (Node node = node()) {
        pair(node, name);
        Deque<Claim> claims = new ArrayDeque<>();
        List<Waiting> waits = new ArrayList<>();
        Claim first = TestClaim.of(name, Duration.ofSeconds(2));
        node.grant(first);
        claims.add(first);
        for (int i = 0; i < waiters; i++) {
          Claim claim = TestClaim.of(name, Duration.ofSeconds(2));
          claims.add(claim);
          waits.add(node.enqueue(claim));
        }
        int rounds = Math.min(waiters, 50);
        long before = packets();
        for (int i = 0; i < rounds; i++) {
          node.release(claims.remove());
          ClaimOutcome next = Node.get(waits.get(i).next());
          assertThat(next).isInstanceOf(Granted.class);
        }
        double each = (double) between(before) / rounds;
        print("hand-over(%d waiters)=%.2f packets".formatted(waiters, each));
        assertThat(each).isBetween(3.0, 5.1);
        claims.forEach(node::release);
      }
    }
  }

  /** S2: what a client holds costs one write and one read per round, however much it is. */
  @Test
  void renewal_isTwoRequests_forOneLockAndForAThousand() throws Exception {
    Duration lease = Duration.ofSeconds(4);
    LockClientOptions options = LockClientOptions.builder().lease(lease).build();
    String uri = "zookeeper://" + server.connectString();
    for (int locks : List.of(1, 1_000)) {
      try (LockClient client = LockClient.over(ZooKeeperLocks.at(uri), options)) {
        List<LockHandle> held = new ArrayList<>();
        for (int i = 0; i < locks; i++) {
          held.add(client.lock("held-" + i).acquire(Duration.ofSeconds(20)));
        }
        long before = packets();
        long start = System.nanoTime();
        Await.until(
            "two leases",
            lease.multipliedBy(3),
            () -> System.nanoTime() - start > 2 * lease.toNanos());
        double perLease = between(before) / 2.0 / 2;
        print("renewal of %d locks=%.1f requests per session timeout".formatted(locks, perLease));
        assertThat(perLease).isBetween(12.0, 26.0); // a round of two each T/7.6, faster at first
        assertThat(held).allMatch(LockHandle::isHeld);
        held.forEach(LockHandle::close);
      }
    }
  }

  private static void print(String figures) {
    System.out.println("[operations] zookeeper " + figures);
  }
}
