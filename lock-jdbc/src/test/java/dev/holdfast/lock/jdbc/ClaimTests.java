package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is granted a name, with which token. */
abstract class ClaimTests extends DatabaseTests {

  /** X1. */
  @Test
  void claim_ofHeldName_waitsAndTellsTheHolder() {
    Claim first = TestClaim.of("n");
    Granted granted = a.grant(first);
    ClaimOutcome second = b.claim(TestClaim.of("n"));
    assertThat(second).isInstanceOf(Waiting.class);
    Waiting waiting = (Waiting) second;
    assertThat(waiting.wakes()).isFalse();
    assertThat(waiting.lookAgainIn()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(15));
    assertThat(waiting.holder())
        .get()
        .satisfies(
            holder -> {
              assertThat(holder.description()).isEqualTo("host/1");
              assertThat(holder.fencingToken()).hasValue(granted.fencingToken());
              assertThat(holder.heldFor().orElseThrow()).isLessThan(Duration.ofSeconds(5));
            });
  }

  /** A4: a lost answer is recovered by asking again. */
  @Test
  void claim_ofItsOwnRow_isGrantedAgainWithTheSameToken() {
    Claim claim = TestClaim.of("n");
    Granted first = a.grant(claim);
    Granted again = b.grant(claim);
    assertThat(again.fencingToken()).isEqualTo(first.fencingToken());
    assertThat(again.asOf()).isGreaterThan(first.asOf());
  }

  /** X3 and A1: the lease counts from before the request. */
  @Test
  void claim_granted_isValidFromBeforeTheCall() {
    long before = System.nanoTime();
    Granted granted = a.grant(TestClaim.of("n"));
    assertThat(granted.asOf() - before).isNotNegative();
    assertThat(granted.validFor()).isEqualTo(Duration.ofSeconds(15));
  }

  /**
   * A1, L1: an older statement of the claim, which was held up at the server, takes the row between
   * the two of this question.
   */
  @Test
  void claim_whoseOlderStatementTookTheRow_isTrustedForWhatIsLeft() {
    a.grant(TestClaim.of("n"));
    Claim claim = TestClaim.of("n");
    Runnable olderStatement =
        () ->
            database.execute(
                "UPDATE TABLE_NAME SET start_time = start_time - INTERVAL '5' SECOND, claim_id = '"
                    + claim.id()
                    + "'");
    JdbcLockOptions options = database.options();
    try (Node node = new Node(JdbcLocks.over(beforeTheLook(olderStatement), options))) {
      Granted granted = node.grant(claim);
      Duration left = b.inspect("n").holder().orElseThrow().expiresIn().orElseThrow();
      Duration age = Duration.ofNanos(System.nanoTime() - granted.asOf());
      assertThat(granted.validFor()).isLessThanOrEqualTo(left.plus(age)).isPositive();
    }
  }

  /** Connections on which something happens before a row is read that was not to be had. */
  private DirectDataSource beforeTheLook(Runnable action) {
    return new DirectDataSource(where().url()) {
      @Override
      public Connection getConnection() throws SQLException {
        Connection connection = super.getConnection();
        return (Connection)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("prepareStatement")
                      && ((String) arguments[0]).contains("name, enabled, claim_id")) {
                    action.run();
                  }
                  try {
                    return method.invoke(connection, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
      }
    };
  }

  /** H-87: not before the lease has run out, and soon after. */
  @Test
  void claim_ofStaleRow_takesItOverAfterTheLeaseAndNotBefore() {
    Claim old = TestClaim.of("n", Duration.ofMillis(1_500));
    Granted granted = a.grant(old);
    Claim next = TestClaim.of("n");
    Granted taken = untilGranted(b, next);
    long after = System.nanoTime() - granted.asOf();
    assertThat(Duration.ofNanos(after))
        .isBetween(old.lease(), old.lease().plus(Await.scaled(Duration.ofSeconds(1))));
    assertThat(taken.fencingToken()).isGreaterThan(granted.fencingToken());

    a.renew(old);
    assertThat(a.context.gone).containsEntry(old, LossReason.REVOKED);
    assertThat(a.context.renewed).isEmpty();
    assertThat(a.release(old)).isEqualTo(ReleaseOutcome.NOT_HELD);
    assertThat(b.grant(next).fencingToken()).isEqualTo(taken.fencingToken());
  }

  /** X2: by bytes. */
  @Test
  void names_thatDifferInCaseSpaceOrAccent_areDistinct() {
    List<String> names =
        List.of(
            "a",
            "A",
            "a ",
            " a",
            "ä",
            "a\u0308",
            "😀",
            "a/b",
            "a'b",
            "a%",
            "a_",
            "..",
            "é",
            "É",
            "x".repeat(255),
            "😀".repeat(255),
            "x".repeat(511) + "1",
            "x".repeat(511) + "2");
    for (String name : names) {
      a.backend.checkName(name);
      assertThat(a.claim(TestClaim.of(name))).as(name).isInstanceOf(Granted.class);
    }
    for (String name : names) {
      assertThat(b.claim(TestClaim.of(name))).as(name).isInstanceOf(Waiting.class);
    }
  }

  @Test
  void names_thatNoColumnHolds_areRefusedBeforeAnyIo() {
    for (String name : List.of("a\0b", "x".repeat(513), "\ud800")) {
      assertThatThrownBy(() -> a.backend.checkName(name))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** H-83, first half: one name, nobody there yet. */
  @Test
  void firstRow_of32Clients_hasOneWinner() throws Exception {
    try (Database fresh = Database.at(where().url());
        Crowd crowd = new Crowd(fresh, 32)) {
      for (int round = 0; round < where().rounds(); round++) {
        String name = "first" + round;
        List<ClaimOutcome> outcomes = crowd.all(node -> node.claim(patient(name)));
        assertThat(outcomes).filteredOn(Granted.class::isInstance).as("round %d", round).hasSize(1);
        assertThat(outcomes).filteredOn(Waiting.class::isInstance).hasSize(31);
      }
    }
  }

  /** H-83, second half: 32 names. */
  @Test
  void firstRows_of32Clients_areAllGranted() throws Exception {
    try (Crowd crowd = new Crowd(database, 32)) {
      for (int round = 0; round < where().rounds() / 5; round++) {
        String prefix = "r" + round + "-";
        List<ClaimOutcome> outcomes =
            crowd.all(node -> node.claim(patient(prefix + Thread.currentThread().getId())));
        assertThat(outcomes).allMatch(Granted.class::isInstance);
      }
    }
  }

  /** H-91. */
  @Test
  void staleRow_of50Clients_isTakenByOne() throws Exception {
    try (Crowd crowd = new Crowd(database, 50)) {
      for (int round = 0; round < 10; round++) {
        String name = "stale" + round;
        Claim old = TestClaim.of(name);
        Granted granted = a.grant(old);
        database.execute(
            "UPDATE TABLE_NAME SET start_time = start_time - INTERVAL '20' SECOND WHERE name = '"
                + name
                + "'");
        List<ClaimOutcome> outcomes = crowd.all(node -> node.claim(patient(name)));
        assertThat(outcomes)
            .filteredOn(Granted.class::isInstance)
            .hasSize(1)
            .allMatch(won -> ((Granted) won).fencingToken() > granted.fencingToken());
        a.renew(old);
        assertThat(a.context.gone).containsKey(old);
      }
    }
  }

  /** F1. */
  @Test
  void tokens_overReleasesTakeoversAndDeletedRows_increase() {
    long last = 0;
    for (int i = 0; i < 30; i++) {
      Claim claim = TestClaim.of("n");
      long token = (i % 2 == 0 ? a : b).grant(claim).fencingToken();
      assertThat(token).isGreaterThan(last);
      last = token;
      if (i % 3 == 0) {
        database.execute("DELETE FROM TABLE_NAME");
      } else {
        assertThat(a.release(claim)).isEqualTo(ReleaseOutcome.RELEASED);
      }
    }
  }

  /** F1: a clock that was set back does not make tokens go back. */
  @Test
  void token_aheadOfTheClock_goesOnFromThere() {
    Claim claim = TestClaim.of("n");
    a.grant(claim);
    a.release(claim);
    database.execute("UPDATE TABLE_NAME SET token = 9000000000000000");
    assertThat(a.grant(TestClaim.of("n")).fencingToken()).isEqualTo(9_000_000_000_000_001L);
  }

  /** On few cores it takes a while until so many have logged in. */
  private static Claim patient(String name) {
    return TestClaim.of(name).withPatience(LONG);
  }
}
