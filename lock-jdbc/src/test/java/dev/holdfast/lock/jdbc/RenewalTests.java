package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rounds of renewals. */
abstract class RenewalTests extends DatabaseTests {

  /** S2. */
  @Test
  void renew_ofManyClaims_answersEachAndExtendsIt() {
    Duration lease = Duration.ofSeconds(6); // a round has a part of it, for 300 rows on busy cores
    List<TestClaim> claims =
        IntStream.range(0, 300).mapToObj(i -> TestClaim.of("n" + i, lease)).toList();
    claims.forEach(a::grant);
    long before = System.nanoTime();
    a.backend.renew(claims);
    assertThat(a.context.renewed).hasSize(300);
    assertThat(a.context.renewed.values())
        .allMatch(told -> told.validFor().equals(lease) && told.asOf() - before >= 0);
    assertThat(a.context.gone).isEmpty();
  }

  /** S2: in no more than a moment, whatever the database makes of ten thousand names. */
  @Test
  void renew_of10000Claims_isQuick() throws SQLException {
    a.inspect("makes the table");
    b.release(TestClaim.of("makes the table"));
    List<TestClaim> claims =
        IntStream.range(0, 10_000).mapToObj(i -> TestClaim.of("name " + i)).toList();
    try (Connection connection = database.connect();
        var insert =
            connection.prepareStatement(
                "INSERT INTO "
                    + database.table()
                    + " (name, claim_id, lease_ms) VALUES (?, ?, 15000)")) {
      connection.setAutoCommit(false);
      for (TestClaim claim : claims) {
        insert.setString(1, claim.name());
        insert.setString(2, claim.id());
        insert.addBatch();
      }
      insert.executeBatch();
      connection.commit();
    }
    database.execute("UPDATE TABLE_NAME SET claim_id = 'foreign' WHERE name = 'name 17'");
    long before = System.nanoTime();
    a.backend.renew(claims);
    assertThat(Duration.ofNanos(System.nanoTime() - before))
        .isLessThan(Await.scaled(Duration.ofSeconds(3)));
    assertThat(a.context.renewed).hasSize(9_999);
    assertThat(a.context.gone).containsOnlyKeys(claims.get(17));
  }

  /** L3: what nobody has taken is still ours. */
  @Test
  void renew_ofExpiredRowThatNobodyTook_extendsIt() {
    Claim claim = TestClaim.of("n", SHORT_LEASE);
    a.grant(claim);
    database.execute("UPDATE TABLE_NAME SET start_time = start_time - INTERVAL '1' SECOND");
    assertThat(a.inspect("n").holder()).isEmpty();
    a.renew(claim);
    assertThat(a.context.renewed).containsKey(claim);
    assertThat(a.inspect("n").holder()).isPresent();
  }

  /** H-08, L4: the deleted ones and no others. */
  @Test
  void renew_withRowsDeletedAndTaken_tellsThoseAndMakesNone() {
    List<TestClaim> claims = IntStream.range(0, 20).mapToObj(i -> TestClaim.of("n" + i)).toList();
    claims.forEach(a::grant);
    database.execute("DELETE FROM TABLE_NAME WHERE name IN ('n3', 'n4')");
    database.execute("UPDATE TABLE_NAME SET claim_id = 'foreign' WHERE name = 'n5'");
    database.execute("UPDATE TABLE_NAME SET claim_id = NULL WHERE name = 'n6'");
    a.backend.renew(claims);
    assertThat(a.context.gone)
        .containsOnlyKeys(claims.get(3), claims.get(4), claims.get(5), claims.get(6));
    assertThat(a.context.gone.values()).containsOnly(LossReason.REVOKED);
    assertThat(a.context.renewed).hasSize(16);
    assertThat(database.query("SELECT count(*) FROM TABLE_NAME")).containsExactly("18");
  }

  /** H-21: one row of 200 is kept locked by somebody else. */
  @Test
  void renew_withOneRowLocked_answersTheOthersAtOnce() throws Exception {
    List<TestClaim> claims =
        IntStream.range(0, 200)
            .mapToObj(i -> TestClaim.of("n" + i, Duration.ofSeconds(4)))
            .toList();
    claims.forEach(a::grant);
    Callable<Object> renewal =
        () -> {
          a.backend.renew(claims);
          return "";
        };
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (Connection foreign = database.lockRow("n7")) {
      Future<?> round = executor.submit(renewal);
      Await.until("the others", Duration.ofSeconds(1), () -> a.context.renewed.size() == 199);
      round.get();
      assertThat(a.context.renewed).doesNotContainKey(claims.get(7));
      assertThat(a.context.gone).isEmpty();
      foreign.rollback();
    } finally {
      executor.shutdownNow();
    }
    renewal.call();
    assertThat(a.context.renewed).hasSize(200);
  }

  /** The single try waits for the row. */
  @Test
  void renew_ofRowThatIsUnlockedInTime_extendsIt() throws Exception {
    Claim claim = TestClaim.of("n");
    a.grant(claim);
    try (Connection foreign = database.lockRow("n")) {
      ExecutorService executor = Executors.newSingleThreadExecutor();
      Future<?> round = executor.submit(() -> a.renew(claim));
      where().awaitRowWaiter(database);
      foreign.rollback();
      round.get();
      executor.shutdown();
    }
    assertThat(a.context.renewed).containsKey(claim);
  }
}
