package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRefusedException;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that operators write and change, and what clocks that are set make of them. */
class HandMadeRowsTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private static Database database(String store) {
    return Database.at(
        switch (store) {
          case "mariadb" -> Servers.url(Servers.mariaDb());
          case "postgresql" -> Servers.url(Servers.postgres());
          default -> "jdbc:h2:mem:rows;DB_CLOSE_DELAY=-1";
        });
  }

  private static LockClient client(Database database) {
    return LockClient.over(
        JdbcLocks.at(database.url(), database.options()),
        LockClientOptions.builder().lease(Duration.ofSeconds(3)).build());
  }

  /** With the columns that have no default, and those that may be null left so. */
  @ParameterizedTest
  @ValueSource(strings = {"postgresql", "mariadb", "h2"})
  void rowOfANameAlone_isAFreeLock(String store) {
    try (Database database = database(store);
        Node node = database.node()) {
      node.inspect("makes the table");
      node.grant(TestClaim.of("makes the table"));
      database.execute("INSERT INTO TABLE_NAME (name) VALUES ('bare')");
      assertThat(node.inspect("bare").holder()).isEmpty();
      assertThat(node.grant(TestClaim.of("bare")).fencingToken()).isPositive();
      database.execute(
          "INSERT INTO TABLE_NAME (name, claim_id, lease_ms) VALUES ('nobody', 'x', 60000)");
      assertThat(node.inspect("nobody").holder())
          .get()
          .satisfies(holder -> assertThat(holder.description()).isEqualTo("unknown"));
      Waiting waiting = (Waiting) node.claim(TestClaim.of("nobody"));
      assertThat(waiting.lookAgainIn()).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(60));
    }
  }

  /** Who has it keeps it and may give it back; who waits is told, and so is who comes later. */
  @ParameterizedTest
  @ValueSource(strings = {"postgresql", "mariadb", "h2"})
  void lockSwitchedOff_whileHeldAndWaitedFor_refusesTheWaiters(String store) throws Exception {
    try (Database database = database(store);
        LockClient a = client(database);
        LockClient b = client(database)) {
      LockHandle held = a.lock("n").acquire();
      CompletableFuture<LockHandle> waits = b.lock("n").acquireAsync();
      CompletableFuture<LockHandle> behindTheHolder = a.lock("n").acquireAsync();
      database.execute("UPDATE TABLE_NAME SET enabled = false");
      assertRefused(waits);
      Duration left = held.remaining();
      Await.until("a renewal", LONG, () -> held.remaining().compareTo(left) > 0);
      assertThat(held.isHeld()).isTrue();
      held.release();
      assertRefused(behindTheHolder);
      assertThatThrownBy(() -> b.lock("n").tryAcquire()).isInstanceOf(LockRefusedException.class);
      database.execute("UPDATE TABLE_NAME SET enabled = true");
      b.lock("n").acquire(LONG).release();
    }
  }

  private static void assertRefused(CompletableFuture<LockHandle> wait) {
    assertThatThrownBy(() -> wait.get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(LockRefusedException.class);
  }

  /** The database's clock was set back: leases look longer than they are, never shorter. */
  @ParameterizedTest
  @ValueSource(strings = {"postgresql", "mariadb", "h2"})
  void leaseThatStartsInTheFuture_isRespected_untilTheNextRenewal(String store) {
    try (Database database = database(store);
        Node a = database.node();
        Node b = database.lent()) {
      Claim held = TestClaim.of("n");
      Granted granted = a.grant(held);
      database.execute("UPDATE TABLE_NAME SET start_time = start_time + INTERVAL '1' HOUR");
      Waiting before = (Waiting) b.claim(TestClaim.of("n"));
      assertThat(before.lookAgainIn()).isGreaterThan(Duration.ofMinutes(50));
      a.renew(held);
      assertThat(a.context.renewed.get(held).validFor()).isEqualTo(Duration.ofSeconds(15));
      Waiting after = (Waiting) b.claim(TestClaim.of("n"));
      assertThat(after.lookAgainIn()).isLessThanOrEqualTo(Duration.ofSeconds(15));
      a.release(held);
      assertThat(b.grant(TestClaim.of("n")).fencingToken()).isGreaterThan(granted.fencingToken());
    }
  }

  /** The longest lease there is, in milliseconds, is far from what an int holds no more. */
  @ParameterizedTest
  @ValueSource(strings = {"postgresql", "mariadb", "h2"})
  void leaseOfADay_isKeptExactly(String store) {
    try (Database database = database(store);
        Node a = database.node();
        Node b = database.lent()) {
      Claim day = TestClaim.of("n", Duration.ofDays(1));
      assertThat(a.grant(day).validFor()).isEqualTo(Duration.ofDays(1));
      a.renew(day);
      assertThat(a.context.renewed.get(day).validFor()).isEqualTo(Duration.ofDays(1));
      Waiting waiting = (Waiting) b.claim(TestClaim.of("n"));
      assertThat(waiting.lookAgainIn()).isBetween(Duration.ofHours(23), Duration.ofDays(1));
    }
  }

  /** A database for one language only: its tables have a character set of their own. */
  @ParameterizedTest
  @ValueSource(strings = {"mariadb", "postgresql"})
  void databaseInLatin1_takesEveryName_orSaysThatItCannot(String store) {
    try (Database database = database(store)) {
      database.execute("DROP DATABASE IF EXISTS latin");
      database.execute(
          store.equals("mariadb")
              ? "CREATE DATABASE latin CHARACTER SET latin1"
              : "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
      String url = database.url().replaceFirst("/[a-z]+\\?", "/latin?");
      assertThat(url).contains("/latin?");
      try (Node node = new Node(JdbcLocks.at(url, database.options()))) {
        Claim latin = TestClaim.of("caf\u00e9");
        node.grant(latin);
        node.release(latin);
        Claim more = TestClaim.of("\u540d\ud83d\ude00");
        if (store.equals("mariadb")) {
          node.grant(more);
          node.grant(TestClaim.of("\u540d\ud83d\ude01"));
        } else {
          assertThatThrownBy(() -> node.claim(more))
              .hasMessageContaining("LATIN1")
              .satisfies(
                  failure ->
                      assertThat(((dev.holdfast.lock.spi.BackendFailure) failure).kind())
                          .isNotEqualTo(dev.holdfast.lock.spi.BackendFailure.Kind.TRANSIENT));
        }
      } finally {
        database.execute("DROP DATABASE latin");
      }
    }
  }
}
