package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.sql.Connection;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The application's connections. */
abstract class LentConnectionTests extends DatabaseTests {

  /** Never joins, and leaves everything as found. */
  @Test
  void lentConnection_goesBackAsItCame() throws Exception {
    a.grant(TestClaim.of("makes the table"));
    try (Connection one = database.connect()) {
      one.setAutoCommit(false);
      one.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      OneConnection lent = new OneConnection(one);
      try (Node node = new Node(JdbcLocks.over(lent, database.options()))) {
        Claim claim = TestClaim.of("n");
        node.grant(claim);
        assertThat(b.claim(TestClaim.of("n"))).isInstanceOf(Waiting.class);
        node.renew(claim);
        node.release(claim);
        // Whether there is a second one was asked by a worker, who may get the only one late.
        Await.until("all given back", LONG, () -> lent.open.get() == 0);
        assertThat(one.getAutoCommit()).isFalse();
        assertThat(one.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
        assertThat(one.getNetworkTimeout()).isZero();
      }
      assertThat(one.isClosed()).isFalse();
    }
  }

  /**
   * H-66: the work under the lock borrows from the same pool of one. What renewals keep goes back
   * after a lease, or a minute: later than the pool's patience ends.
   */
  @Test
  void poolOfOne_isLeftToTheWork() throws Exception {
    a.grant(TestClaim.of("makes the table"));
    try (Connection one = database.connect()) {
      OneConnection lent = new OneConnection(one);
      try (Node node = new Node(JdbcLocks.over(lent, database.options()))) {
        Claim claim = TestClaim.of("n", Duration.ofMinutes(2));
        node.grant(claim);
        for (int i = 0; i < 3; i++) {
          node.renew(claim);
          assertThat(node.context.renewed.remove(claim)).isNotNull();
          try (Connection work = lent.getConnection()) {
            assertThat(work.isValid(1)).isTrue();
          }
        }
      }
      Await.until("all given back", LONG, () -> lent.open.get() == 0);
    }
  }
}
