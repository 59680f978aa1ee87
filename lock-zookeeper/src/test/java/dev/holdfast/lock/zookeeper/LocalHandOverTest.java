package dev.holdfast.lock.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Refused;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend.HandOver;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.Direction;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.ZooKeeperServer;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A name that goes from one claim of a client to the next in one transaction, and when it can't.
 */
class LocalHandOverTest {

  private static final Duration LEASE = Duration.ofSeconds(30); // no ping within a test
  private static final Duration LONG = Duration.ofSeconds(20);

  private static ZooKeeperServer server;
  private static ZooKeeper admin;

  @BeforeAll
  static void start() throws Exception {
    server = Servers.options().launchOwn(); // of its own: packets are counted
    admin = ZooKeeperFixture.connect(server.connectString());
  }

  @AfterAll
  static void stop() throws Exception {
    admin.close();
    server.close();
  }

  private static Node node(String servers) {
    return new Node(ZooKeeperLocks.at("zookeeper://" + servers), LEASE);
  }

  private static Claim claim(String name) {
    return TestClaim.of(name, LEASE);
  }

  private static String directory(String name) {
    return "/holdfast/locks/" + name;
  }

  private static long requests() {
    return server.metric("zk_packets_received");
  }

  /** Without those that ask for the count. */
  private static long since(long before) {
    long now = requests();
    return now - before - (requests() - now);
  }

  /** A claim that is held by a client whose beacon is there, as after its first renewal. */
  private static Claim held(Node node, String name) throws Exception {
    Claim claim = claim(name);
    node.grant(claim);
    node.backend.renew(List.of(claim));
    Await.until("a renewal", LONG, () -> node.context.renewed.get(claim) != null);
    return claim;
  }

  /** W5, F1: two requests, of which one writes; a token per grant, and one node at a time. */
  @Test
  void handOver_isOneTransactionAndOneList() throws Exception {
    try (Node node = node(server.connectString())) {
      Claim held = held(node, "passed-on");
      int rounds = 50;
      long token = 0;
      long before = requests();
      for (int i = 0; i < rounds; i++) {
        Claim next = claim("passed-on");
        HandOver both = node.backend.handOver(held, next);
        Granted granted = (Granted) Node.get(both.claimed());
        assertThat(Node.get(both.released())).isEqualTo(ReleaseOutcome.RELEASED);
        assertThat(granted.fencingToken()).isGreaterThan(token);
        token = granted.fencingToken();
        held = next;
      }
      double each = since(before) / (double) rounds;
      System.out.printf("[operations] zookeeper hand-over inside a client=%.2f requests%n", each);
      assertThat(each).isBetween(1.9, 2.1);
      String own = admin.getChildren(directory("passed-on"), false).get(0);
      assertThat(admin.getChildren(directory("passed-on"), false)).containsExactly(own);
      assertThat(admin.exists(directory("passed-on") + "/" + own, false).getCzxid())
          .as("the token is the node's czxid")
          .isEqualTo(token);
      LockView view = Node.get(node.backend.inspect("passed-on"));
      assertThat(view.holder().orElseThrow().fencingToken()).hasValue(token);
      assertThat(node.release(held)).isEqualTo(ReleaseOutcome.RELEASED);
      assertThat(admin.getChildren(directory("passed-on"), false)).isEmpty();
    }
  }

  /** The client whose locks are never held long enough to be renewed has a beacon all the same. */
  @Test
  void handOvers_ofAClientThatNeverRenewed_becomeOneTransaction() throws Exception {
    try (Node node = node(server.connectString())) {
      Claim held = claim("never-renewed");
      node.grant(held);
      long before = 0;
      for (int i = 0; i < 10; i++) {
        Claim next = claim("never-renewed");
        HandOver both = node.backend.handOver(held, next);
        assertThat(Node.get(both.claimed())).isInstanceOf(Granted.class);
        assertThat(Node.get(both.released())).isEqualTo(ReleaseOutcome.RELEASED);
        held = next;
        before = i == 4 ? requests() : before;
      }
      assertThat(since(before)).isEqualTo(5 * 2);
      node.release(held);
    }
  }

  /** W4: who waits in another client comes first. */
  @Test
  void handOver_standsBehindOtherClients() throws Exception {
    try (Node node = node(server.connectString());
        Node other = node(server.connectString())) {
      Claim held = held(node, "in-order");
      Claim waits = claim("in-order");
      Waiting waiting = other.enqueue(waits);
      Claim next = claim("in-order");
      HandOver both = node.backend.handOver(held, next);
      assertThat(Node.get(both.released())).isEqualTo(ReleaseOutcome.RELEASED);
      Waiting behind = (Waiting) Node.get(both.claimed());
      Granted others = (Granted) Node.get(waiting.next());
      assertThat(other.release(waits)).isEqualTo(ReleaseOutcome.RELEASED);
      Granted own = (Granted) Node.get(behind.next());
      assertThat(own.fencingToken()).isGreaterThan(others.fencingToken());
      assertThat(node.release(next)).isEqualTo(ReleaseOutcome.RELEASED);
    }
  }

  /** R1: the old node had been deleted by an operator; the next claim is served all the same. */
  @Test
  void handOver_ofANodeThatIsGone_answersForBoth() throws Exception {
    try (Node node = node(server.connectString())) {
      Claim held = held(node, "gone");
      String own = admin.getChildren(directory("gone"), false).get(0);
      admin.delete(directory("gone") + "/" + own, -1);
      Claim next = claim("gone");
      HandOver both = node.backend.handOver(held, next);
      assertThat(Node.get(both.released())).isEqualTo(ReleaseOutcome.NOT_HELD);
      assertThat(Node.get(both.claimed())).isInstanceOf(Granted.class);
      assertThat(admin.getChildren(directory("gone"), false)).hasSize(1);
      assertThat(node.release(next)).isEqualTo(ReleaseOutcome.RELEASED);
    }
  }

  /** The beacon is a means only: without it both are sent one after the other. */
  @Test
  void handOver_withoutItsBeacon_answersForBoth() throws Exception {
    try (Node node = node(server.connectString())) {
      Claim held = held(node, "no-beacon");
      for (String beacon : admin.getChildren("/holdfast/clients", false)) {
        try {
          admin.delete("/holdfast/clients/" + beacon, -1);
        } catch (KeeperException.NoNodeException e) {
          // of a client that has just ended
        }
      }
      Claim next = claim("no-beacon");
      HandOver both = node.backend.handOver(held, next);
      assertThat(Node.get(both.released())).isEqualTo(ReleaseOutcome.RELEASED);
      assertThat(Node.get(both.claimed())).isInstanceOf(Granted.class);
      assertThat(admin.getChildren(directory("no-beacon"), false)).hasSize(1);
      assertThat(node.release(next)).isEqualTo(ReleaseOutcome.RELEASED);
    }
  }

  /** Switched off meanwhile: given up, and not taken. */
  @Test
  void handOver_ofANameSwitchedOff_isRefused() throws Exception {
    try (Node node = node(server.connectString())) {
      Claim held = held(node, "off");
      Node.get(node.backend.records().orElseThrow().setEnabled("off", false));
      Claim next = claim("off");
      HandOver both = node.backend.handOver(held, next);
      assertThat(Node.get(both.released())).isEqualTo(ReleaseOutcome.RELEASED);
      assertThat(Node.get(both.claimed())).isInstanceOf(Refused.class);
      assertThat(admin.getChildren(directory("off"), false)).containsExactly(Layout.SWITCH);
    }
  }

  /** X1, W1: carried out, and the answer lost: asked again, the claim finds its node. */
  @Test
  void handOver_whoseAnswerIsLost_isFoundAgain() throws Exception {
    try (FaultProxy proxy = FaultProxy.to(server.address());
        Node node = node("127.0.0.1:" + proxy.port())) {
      Claim held = held(node, "lost");
      String first = admin.getChildren(directory("lost"), false).get(0);
      proxy.blackHole(Direction.SERVER_TO_CLIENT);
      Claim next = claim("lost");
      HandOver both = node.backend.handOver(held, next);
      Await.until(
          "the new node alone",
          LONG,
          () -> {
            List<String> names = admin.getChildren(directory("lost"), false);
            return names.size() == 1 && !names.contains(first);
          });
      proxy.cut(); // an answer that is not on its way so far is lost as well
      proxy.heal();
      assertThat(both.released()).failsWithin(LONG);
      assertThat(both.claimed()).failsWithin(LONG);
      Granted granted = Await.value("a grant", LONG, () -> Optional.of(granted(node, next)));
      assertThat(admin.getChildren(directory("lost"), false)).hasSize(1);
      String own = directory("lost") + "/" + admin.getChildren(directory("lost"), false).get(0);
      assertThat(admin.exists(own, false).getCzxid()).isEqualTo(granted.fencingToken());
      assertThat(node.release(held)).as("by the first try").isEqualTo(ReleaseOutcome.NOT_HELD);
      assertThat(node.release(next)).isEqualTo(ReleaseOutcome.RELEASED);
    }
  }

  private static Granted granted(Node node, Claim claim) {
    ClaimOutcome outcome = node.claim(claim);
    assertThat(outcome).isInstanceOf(Granted.class);
    return (Granted) outcome;
  }
}
