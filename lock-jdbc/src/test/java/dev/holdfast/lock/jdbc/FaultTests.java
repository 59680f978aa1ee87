package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.BackendFailure.Kind;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.Direction;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A network between the client and its database that does what networks do. */
abstract class FaultTests {

  static final Duration LONG = Duration.ofSeconds(20);

  FaultProxy proxy;
  Database direct;
  Database faulty;

  abstract FaultProxy proxy();

  abstract String url();

  abstract String url(FaultProxy through);

  @BeforeEach
  void open() {
    proxy = proxy();
    direct = Database.at(url());
    faulty = new Database(url(proxy), direct.table());
  }

  @AfterEach
  void close() {
    proxy.close();
    direct.close();
  }

  /** H-67, W2: on a connection that was in use before, with both kinds of pools. */
  @Test
  void claim_intoBlackHole_failsWithinItsPatience_andWorksAfterwards() {
    try (HikariDataSource pool = BadSetUpTest.pool(faulty.url(), 4);
        Node own = faulty.node();
        Node lent = new Node(JdbcLocks.over(pool, faulty.options()))) {
      for (Node node : List.of(own, lent)) {
        node.grant(TestClaim.of("before " + System.identityHashCode(node)));
        proxy.blackHole();
        long before = System.nanoTime();
        Claim claim =
            TestClaim.of("n " + System.identityHashCode(node)).withPatience(Duration.ofMillis(800));
        assertThatThrownBy(() -> node.claim(claim))
            .isInstanceOfSatisfying(
                BackendFailure.class,
                failure -> assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT));
        assertThat(Duration.ofNanos(System.nanoTime() - before))
            .isLessThan(Await.scaled(Duration.ofMillis(1_300)));
        proxy.heal();
        BackendTests.untilGranted(node, claim); // the application's pool has to find its way back
      }
    }
  }

  /** The database did it, and we did not hear of it. */
  @Test
  void claim_whoseAnswerIsLost_isFoundGrantedWhenAskedAgain() {
    try (Node node = faulty.node();
        Node other = direct.node()) {
      node.grant(TestClaim.of("warm"));
      TestClaim claim = TestClaim.of("n"); // has time for the logins before and after
      other.grant(claim);
      other.release(claim);
      proxy.blackHole(Direction.SERVER_TO_CLIENT);
      assertThatThrownBy(() -> node.claim(claim.withPatience(Duration.ofMillis(500))))
          .isInstanceOf(BackendFailure.class);
      proxy.heal();
      assertThat(node.claim(claim)).isInstanceOf(Granted.class);
      assertThat(node.release(claim)).isEqualTo(ReleaseOutcome.RELEASED);
    }
  }

  /** R3, H-78: with the network gone. */
  @Test
  void close_intoBlackHole_endsInTime() {
    Node node = faulty.node();
    node.grant(TestClaim.of("n"));
    proxy.blackHole();
    long before = System.nanoTime();
    Node.get(node.backend.close(Duration.ofSeconds(2)));
    assertThat(Duration.ofNanos(System.nanoTime() - before))
        .isLessThan(Await.scaled(Duration.ofMillis(2_500)));
    proxy.heal();
    node.context.close();
    Await.until("no connection left", LONG, () -> proxy.openConnections() == 0);
  }
}
