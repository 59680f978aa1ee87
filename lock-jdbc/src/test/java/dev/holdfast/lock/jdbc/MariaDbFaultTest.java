package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** MariaDB by its own driver. */
class MariaDbFaultTest extends FaultTests {

  private static final int NO_SUCH_THREAD = 1094;

  @Override
  FaultProxy proxy() {
    var server = Servers.mariaDb();
    return FaultProxy.to(new InetSocketAddress(server.host(), server.port()));
  }

  @Override
  String url() {
    return Servers.url(Servers.mariaDb());
  }

  @Override
  String url(FaultProxy through) {
    return Servers.url(Servers.mariaDb(), through.address());
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
          direct
              .query(
                  "SELECT concat('KILL ', id) FROM information_schema.processlist"
                      + " WHERE user = 'holdfast' AND id <> connection_id()")
              .forEach(this::kill);
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

  /** One that was about to end, such as that of the last KILL, may have ended by itself. */
  private void kill(String sql) {
    try (Connection connection = direct.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      assertThat(e.getErrorCode()).as("%s: %s", sql, e).isEqualTo(NO_SUCH_THREAD);
    }
  }
}
