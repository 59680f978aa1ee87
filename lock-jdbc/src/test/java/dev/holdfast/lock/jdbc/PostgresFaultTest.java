package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.LockBackend.HandOver;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class PostgresFaultTest extends FaultTests {

  @Override
  FaultProxy proxy() {
    var server = Servers.postgres();
    return FaultProxy.to(new InetSocketAddress(server.host(), server.port()));
  }

  @Override
  String url() {
    return Servers.url(Servers.postgres());
  }

  @Override
  String url(FaultProxy through) {
    return Servers.url(Servers.postgres(), through.address());
  }

  /** H-73: a release whose answer is lost is repeated, and is a release. */
  @Test
  void release_whoseAnswerIsLost_isRepeated() {
    try (Node node = faulty.node()) {
      Claim claim = TestClaim.of("n");
      node.grant(claim);
      proxy.dropReply(1);
      proxyResetsWhenDropped();
      assertThat(node.release(claim)).isEqualTo(ReleaseOutcome.RELEASED);
      assertThat(direct.query("SELECT count(claim_id) FROM TABLE_NAME")).containsExactly("0");
    }
  }

  /** H-73: the same of a hand-over: that the row is the next one's already is no loss. */
  @Test
  void handOver_whoseAnswerIsLost_isRepeated() {
    try (Node node = faulty.node()) {
      Claim from = TestClaim.of("n");
      node.grant(from);
      proxy.dropReply(1);
      proxyResetsWhenDropped();
      HandOver answers = node.backend.handOver(from, TestClaim.of("n"));
      assertThat(Node.get(answers.released())).isEqualTo(ReleaseOutcome.RELEASED);
      assertThat(Node.get(answers.claimed())).isInstanceOf(Granted.class);
    }
  }

  private void proxyResetsWhenDropped() {
    Thread resetter =
        new Thread(
            () -> {
              Await.until("the dropped reply", LONG, () -> proxy.droppedReplies() == 1);
              proxy.reset();
            });
    resetter.setDaemon(true);
    resetter.start();
  }

  /** H-81: all sessions are killed; the next call finds out and takes another connection. */
  @Test
  void killedSessions_costTheNextCallNothing() {
    try (HikariDataSource pool = BadSetUpTest.pool(faulty.url(), 10);
        Node own = faulty.node();
        Node lent = new Node(JdbcLocks.over(pool, faulty.options()))) {
      Claim held = TestClaim.of("held");
      own.grant(held);
      own.renew(held);
      for (Node node : List.of(own, lent)) {
        node.grant(TestClaim.of("first " + System.identityHashCode(node)));
        for (int i = 0; i < 3; i++) {
          direct.query(
              "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                  + " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
          Claim claim = TestClaim.of("n" + i + "-" + System.identityHashCode(node));
          node.grant(claim);
          assertThat(node.release(claim)).isEqualTo(ReleaseOutcome.RELEASED);
        }
      }
      own.context.renewed.clear();
      own.renew(held);
      assertThat(own.context.renewed).containsKey(held);
    }
  }
}
