package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.BackendFailure.Kind;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.PostgresServer;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A hot standby may be read, and grants nothing until it is promoted. */
class PostgresStandbyTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  @Test
  void standby_isUnavailableAndNotFree_untilPromoted() throws Exception {
    try (PostgresServer primary = PostgresServer.launch();
        Database database = Database.at(Servers.url(primary));
        Node node = database.node()) {
      Claim held = TestClaim.of("held");
      long token = node.grant(held).fencingToken();
      Claim free = TestClaim.of("free");
      node.grant(free);
      node.release(free);
      try (PostgresServer standby = primary.launchStandby()) {
        Database copy = new Database(Servers.url(standby), database.table());
        Await.until(
            "the rows at the standby",
            LONG,
            () -> copy.query("SELECT count(*) FROM TABLE_NAME").equals(java.util.List.of("2")));
        try (Node reader = copy.node();
            LockClient client =
                LockClient.over(
                    JdbcLocks.at(copy.url(), copy.options()), LockClientOptions.defaults())) {
          refuses(reader, held, free);
          assertThatThrownBy(() -> client.lock("free").tryAcquire(Duration.ofMillis(500)))
              .isInstanceOf(LockBackendException.class)
              .hasMessageContaining("read-only");
          standby.restart();
          refuses(reader, held, free);
          primary.kill();
          copy.query("SELECT pg_promote()");
          try (LockHandle handle = client.lock("free").acquire(LONG)) {
            assertThat(handle.fencingToken()).isGreaterThan(token);
          }
          assertThat(reader.claim(TestClaim.of("held"))).as("held there, too").isNotNull();
          reader.renew(held);
          assertThat(reader.context.renewed).containsKey(held);
        }
        primary.start();
      }
    }
  }

  private static void refuses(Node reader, Claim held, Claim free) {
    for (Claim claim : new Claim[] {held, free}) {
      assertThatThrownBy(() -> reader.claim(TestClaim.of(claim.name())))
          .isInstanceOfSatisfying(
              BackendFailure.class,
              failure -> {
                assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT);
                assertThat(failure).hasMessageContaining("read-only");
              });
    }
    reader.renew(held, free);
    assertThat(reader.context.gone).as("silence is no loss").isEmpty();
    assertThat(reader.inspect("held").holder()).isPresent();
  }
}
