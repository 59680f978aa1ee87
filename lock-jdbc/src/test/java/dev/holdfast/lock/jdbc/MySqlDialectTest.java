package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The statements for MySQL, on MariaDB, which understands them but for the collation's name: no
 * proof for MySQL, and better than none.
 */
class MySqlDialectTest {

  private static final Duration WAIT = Duration.ofSeconds(5);
  private static final TestClaim HELD = TestClaim.of("it's \\ 😀 \u0001\t\"n\"");

  private final Database database = Database.at(Servers.mysqlUrl(Servers.mariaDb()));
  private final LockTable locks =
      new LockTable(
          new MySqlDialect(database.table()) {
            @Override
            String collation() {
              return "utf8mb4_nopad_bin";
            }
          });
  private Connection connection;

  @BeforeEach
  void open() throws SQLException {
    connection = database.connect();
    locks.dialect().createTable(connection);
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  private long granted(TestClaim claim) throws SQLException {
    OptionalLong token = locks.take(connection, claim, WAIT);
    return token.isPresent()
        ? token.getAsLong()
        : locks.create(connection, claim, WAIT).orElseThrow();
  }

  @Test
  void row_isMadeTakenPassedAndReleased() throws SQLException {
    assertThat(locks.take(connection, HELD, WAIT)).isEmpty();
    long first = locks.create(connection, HELD, WAIT).orElseThrow();
    assertThat(first).isGreaterThan(1_000_000_000_000_000L);
    assertThat(locks.create(connection, HELD, WAIT)).isEmpty();
    assertThat(locks.take(connection, HELD, WAIT)).hasValue(first);
    TestClaim other = TestClaim.of(HELD.name());
    assertThat(locks.take(connection, other, WAIT)).isEmpty();
    long second = locks.pass(connection, HELD, other, WAIT).orElseThrow();
    assertThat(second).isGreaterThan(first);
    assertThat(locks.release(connection, HELD, WAIT)).isFalse();
    assertThat(locks.release(connection, other, WAIT)).isTrue();
    assertThat(locks.take(connection, HELD, WAIT).orElseThrow()).isGreaterThan(second);
  }

  @Test
  void renewal_tellsTheLeaseOfEachRowThatIsTheClaims() throws SQLException {
    TestClaim second = TestClaim.of("second", Duration.ofSeconds(3));
    TestClaim gone = TestClaim.of("gone");
    granted(HELD);
    granted(second);
    assertThat(locks.renew(connection, List.of(HELD, second, gone)))
        .isEqualTo(Map.of(HELD.id(), HELD.lease(), second.id(), second.lease()));
    assertThat(locks.renew(connection, List.of(gone))).isEmpty();
    assertThat(locks.renewOne(connection, second, WAIT)).isEqualTo(Optional.of(second.lease()));
    assertThat(locks.renewOne(connection, gone, WAIT)).isEmpty();
    assertThat(locks.stillTheirs(connection, List.of(HELD, second, gone)))
        .containsExactlyInAnyOrder(HELD.id(), second.id());
  }

  /** H-21, and a bound for every wait. */
  @Test
  void lockedRow_isSkippedAndNotWaitedFor() throws SQLException {
    TestClaim other = TestClaim.of("other");
    granted(HELD);
    granted(other);
    try (Connection foreign = database.lockRow(HELD.name())) {
      long before = System.nanoTime();
      assertThat(locks.renew(connection, List.of(HELD, other))).containsOnlyKeys(other.id());
      assertThatThrownBy(() -> locks.release(connection, HELD, WAIT))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(Trouble.of(e)).isEqualTo(Trouble.CONTENTION));
      assertThat(locks.take(connection, TestClaim.of(HELD.name()), WAIT)).isEmpty();
      assertThat(Duration.ofNanos(System.nanoTime() - before))
          .isLessThan(Await.scaled(Duration.ofSeconds(2)));
      foreign.rollback();
    }
    assertThat(locks.renew(connection, List.of(HELD, other))).hasSize(2);
  }

  @Test
  void switchRecordAndPurge_work() throws SQLException {
    granted(HELD);
    assertThat(locks.write(connection, HELD, "done", WAIT)).isTrue();
    assertThat(locks.record(connection, HELD.name())).contains("done");
    locks.setEnabled(connection, "off", false, WAIT);
    locks.setEnabled(connection, "off", false, WAIT);
    assertThat(locks.take(connection, TestClaim.of("off"), WAIT)).isEmpty();
    TestClaim once = TestClaim.of("once", Duration.ofMillis(500));
    granted(once);
    locks.release(connection, once, WAIT);
    granted(TestClaim.of("held"));
    database.execute(
        "UPDATE TABLE_NAME SET start_time = start_time - INTERVAL 9 SECOND WHERE name = 'once'");
    assertThat(locks.purge(connection, Duration.ofSeconds(5), 10)).isEqualTo(1);
    assertThat(database.query("SELECT name FROM TABLE_NAME"))
        .containsExactlyInAnyOrder(HELD.name(), "off", "held");
  }
}
