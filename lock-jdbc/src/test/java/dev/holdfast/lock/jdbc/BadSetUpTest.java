package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.BackendFailure.Kind;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FreePorts;
import dev.holdfast.lock.testkit.server.PostgresServer;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.assertj.core.api.AbstractObjectAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each wrong set-up is a clear error or a bounded wait, and never shows a password. */
class BadSetUpTest {

  private static final String H2 = "jdbc:h2:mem:bad;DB_CLOSE_DELAY=-1";

  private static AbstractObjectAssert<?, BackendFailure> assertFails(ThrowingCallable call) {
    return assertThatThrownBy(call).asInstanceOf(type(BackendFailure.class));
  }

  private static String url(String store) {
    return switch (store) {
      case "h2" -> H2;
      case "mariadb" -> Servers.url(Servers.mariaDb());
      case "mysql" -> Servers.mysqlUrl(Servers.mariaDb());
      default -> Servers.url(Servers.postgres());
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2", "postgres", "mariadb", "mysql"})
  void missingTable_isToldWithTheStatementThatMakesIt(String store) {
    try (Database database = Database.at(url(store));
        Node node =
            new Node(
                JdbcLocks.at(
                    database.url(),
                    JdbcLockOptions.builder()
                        .table(database.table())
                        .createSchema(false)
                        .build()))) {
      Claim claim = TestClaim.of("n");
      BackendFailure[] told = new BackendFailure[1];
      assertFails(() -> node.claim(claim))
          .satisfies(
              failure -> {
                told[0] = failure;
                assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED);
                assertThat(failure).hasMessageContaining("createSchema");
              });
      String message = told[0].getMessage();
      database.execute(message.substring(message.indexOf("CREATE TABLE")));
      node.grant(claim);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2", "postgres", "mariadb", "mysql"})
  void missingColumn_isToldWithTheStatement(String store) {
    try (Database database = Database.at(url(store));
        Node node = database.node()) {
      database.execute(
          "CREATE TABLE TABLE_NAME (name varchar(100) PRIMARY KEY, locked_by varchar(9))");
      assertFails(() -> node.claim(TestClaim.of("n")))
          .satisfies(
              failure -> {
                assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED);
                assertThat(failure)
                    .hasMessageContaining("CREATE TABLE")
                    .hasMessageContaining("lacks a column");
              });
    }
  }

  /** 24 nodes create it at once. */
  @ParameterizedTest
  @ValueSource(strings = {"h2", "postgres", "mariadb", "mysql"})
  void createSchema_byManyAtOnce_succeedsForAll(String store) throws Exception {
    for (int round = 0; round < 5; round++) {
      try (Database database = Database.at(url(store));
          Crowd crowd = new Crowd(database, 24)) {
        assertThat(crowd.all(node -> node.claim(TestClaim.of("n").withPatience(BackendTests.LONG))))
            .filteredOn(outcome -> !(outcome instanceof Waiting))
            .hasSize(1);
      }
    }
  }

  /** Unasked on H2 alone. */
  @Test
  void createSchema_unlessSaid_isForH2() {
    try (Database h2 = Database.at(H2);
        Database postgres = Database.at(url("postgres"));
        Node first = new Node(JdbcLocks.at(h2.url() + ";holdfast.table=" + h2.table()));
        Node second =
            new Node(JdbcLocks.at(postgres.url() + "&holdfast.table=" + postgres.table()));
        Node third =
            new Node(
                JdbcLocks.at(
                    postgres.url()
                        + "&holdfast.createSchema=true&holdfast.table="
                        + postgres.table()))) {
      first.grant(TestClaim.of("n"));
      assertFails(() -> second.claim(TestClaim.of("n")));
      third.grant(TestClaim.of("n"));
    }
  }

  @Test
  void wrongPassword_isToldWithUserAndUrlButWithoutIt() {
    PostgresServer server = Servers.postgres();
    String wrong =
        server.jdbcUrl()
            + (server.jdbcUrl().contains("?") ? "&" : "?")
            + "user="
            + server.user()
            + "&password=wrong-secret";
    try (Node own = new Node(JdbcLocks.at(wrong));
        Node lent = new Node(JdbcLocks.over(new DirectDataSource(wrong)))) {
      for (Node node : new Node[] {own, lent}) {
        long before = System.nanoTime();
        assertFails(() -> node.claim(TestClaim.of("n")))
            .satisfies(
                failure -> {
                  assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED);
                  assertThat(failure).hasMessageContaining(server.user());
                  assertNoSecret(failure, "wrong-secret");
                });
        assertThat(Duration.ofNanos(System.nanoTime() - before))
            .isLessThan(Await.scaled(Duration.ofSeconds(4)));
      }
      assertFails(() -> own.claim(TestClaim.of("n")))
          .satisfies(failure -> assertThat(failure).hasMessageContaining(server.jdbcUrl()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mariadb", "mysql"})
  void wrongLogin_ofMariaDb_isToldWithoutThePassword(String driver) {
    String right = url(driver);
    String secret = right.replace("holdfast-secret", "wrong-secret");
    String nowhere = right.replace("/" + Servers.mariaDb().database() + "?", "/nowhere?");
    for (String url : new String[] {secret, nowhere}) {
      try (Node own = new Node(JdbcLocks.at(url));
          Node lent = new Node(JdbcLocks.over(new DirectDataSource(url)))) {
        for (Node node : new Node[] {own, lent}) {
          assertFails(() -> node.claim(TestClaim.of("n")))
              .satisfies(
                  failure -> {
                    assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED);
                    assertNoSecret(failure, "wrong-secret");
                    assertNoSecret(failure, "holdfast-secret");
                  });
        }
      }
    }
  }

  @Test
  void wrongPassword_ofH2_isToldWithoutIt() throws SQLException {
    try (Database database =
            Database.at("jdbc:h2:mem:secret;DB_CLOSE_DELAY=-1;USER=u;PASSWORD=right");
        Connection ignored = database.connect();
        Node node = new Node(JdbcLocks.at(database.url().replace("right", "wrong-secret")))) {
      assertFails(() -> node.claim(TestClaim.of("n")))
          .satisfies(
              failure -> {
                assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED);
                assertThat(failure).hasMessageContaining("USER=u");
                assertNoSecret(failure, "wrong-secret");
              });
    }
  }

  private static void assertNoSecret(Throwable failure, String secret) {
    StringWriter all = new StringWriter();
    failure.printStackTrace(new PrintWriter(all));
    assertThat(all.toString()).doesNotContain(secret);
  }

  @Test
  void missingDatabase_isToldAsSuch() {
    PostgresServer server = Servers.postgres();
    String url = Servers.url(server).replace("/" + server.database(), "/nowhere");
    try (Node node = new Node(JdbcLocks.at(url))) {
      assertFails(() -> node.claim(TestClaim.of("n")))
          .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED));
    }
  }

  @Test
  void missingDriver_isToldWhenTheClientIsMade() {
    assertThatThrownBy(() -> new Node(JdbcLocks.at("jdbc:nosuch://host/db?password=wrong-secret")))
        .isInstanceOf(LockConfigurationException.class)
        .hasMessageContaining("jdbc:nosuch://host/db?password=***")
        .hasMessageContaining("org.postgresql:postgresql");
  }

  @Test
  void databaseThatIsDown_failsWithinThePatience_namingTheUrl() {
    String url =
        "jdbc:postgresql://localhost:" + FreePorts.next() + "/db?user=u&password=wrong-secret";
    try (Node node = new Node(JdbcLocks.at(url))) {
      long before = System.nanoTime();
      assertFails(() -> node.claim(TestClaim.of("n").withPatience(Duration.ofSeconds(1))))
          .satisfies(
              failure -> {
                assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT);
                assertThat(failure).hasMessageContaining("jdbc:postgresql://localhost");
                assertNoSecret(failure, "wrong-secret");
              });
      assertThat(Duration.ofNanos(System.nanoTime() - before))
          .isLessThan(Await.scaled(Duration.ofMillis(1_500)));
    }
  }

  @Test
  void dataSourceThatGivesNull_isToldAsSuch() {
    DirectDataSource nothing =
        new DirectDataSource("") {
          @Override
          public Connection getConnection() {
            return null;
          }
        };
    try (Node node = new Node(JdbcLocks.over(nothing))) {
      assertFails(() -> node.claim(TestClaim.of("n")))
          .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED));
    }
  }

  /** A pool that throws its own exceptions, or whatever. */
  @Test
  void dataSourceThatThrows_isTransient() {
    DirectDataSource broken =
        new DirectDataSource("") {
          @Override
          public Connection getConnection() {
            throw new IllegalStateException("pool is stopped");
          }
        };
    try (Node node = new Node(JdbcLocks.over(broken))) {
      assertFails(() -> node.claim(TestClaim.of("n")))
          .satisfies(
              failure -> {
                assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT);
                assertThat(failure).hasMessageContaining("pool is stopped");
              });
    }
  }

  /** Bounded by the patience, not by the pool's 30 s; what comes late is given back. */
  @ParameterizedTest
  @ValueSource(strings = {"h2", "postgres", "mariadb", "mysql"})
  void exhaustedPool_failsWithinThePatience_andLosesNoConnection(String store) throws SQLException {
    try (Database database = Database.at(url(store));
        HikariDataSource pool = pool(database.url(), 2);
        Node node = new Node(JdbcLocks.over(pool, database.options()))) {
      node.grant(TestClaim.of("m"));
      try (Connection one = pool.getConnection();
          Connection two = pool.getConnection()) {
        assertThat(one).isNotSameAs(two);
        long before = System.nanoTime();
        assertFails(() -> node.claim(TestClaim.of("n").withPatience(Duration.ofMillis(700))))
            .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT));
        assertThat(Duration.ofNanos(System.nanoTime() - before))
            .isBetween(Duration.ofMillis(600), Await.scaled(Duration.ofMillis(1_200)));
      }
      node.grant(TestClaim.of("n"));
      Await.until(
          "all given back",
          BackendTests.LONG,
          () -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
    }
  }

  /** H-22: the pool is used up for long, and the renewals go on. */
  @Test
  void exhaustedPool_doesNotStopRenewals() throws SQLException {
    try (Database database = Database.at(url("postgres"));
        HikariDataSource pool = pool(database.url(), 3);
        Node node = new Node(JdbcLocks.over(pool, database.options()))) {
      Claim claim = TestClaim.of("n", Duration.ofSeconds(2));
      node.grant(claim);
      node.renew(claim);
      try (Connection one = pool.getConnection();
          Connection two = pool.getConnection()) {
        assertThat(one).isNotSameAs(two);
        for (int i = 0; i < 3; i++) {
          node.context.renewed.clear();
          node.renew(claim);
          assertThat(node.context.renewed).containsKey(claim);
        }
      }
      // given back when no renewal asks for it any more
      Await.until(
          "the reserved one given back",
          BackendTests.LONG,
          () -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
    }
  }

  @Test
  void readOnlyDatabase_isUnavailableAndNotFree() {
    try (Database database = Database.at(url("postgres"));
        Node node = database.node()) {
      node.grant(TestClaim.of("held"));
      Database readOnly =
          new Database(
              database.url() + "&options=-c%20default_transaction_read_only=on", database.table());
      try (Node reader = readOnly.node()) {
        for (String name : new String[] {"held", "free"}) {
          assertFails(() -> reader.claim(TestClaim.of(name)))
              .satisfies(
                  failure -> {
                    assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT);
                    assertThat(failure).hasMessageContaining("read-only");
                  });
        }
        Claim unknown = TestClaim.of("held");
        reader.renew(unknown);
        assertThat(reader.context.gone).isEmpty();
        assertThat(reader.inspect("held").holder()).isPresent();
      }
    }
  }

  /** As a user who, unlike ours, may not write then: a replica, or switched so. */
  @ParameterizedTest
  @ValueSource(strings = {"mariadb", "mysql"})
  void readOnlyMariaDb_isUnavailableAndNotFree(String driver) {
    try (Database database = Database.at(url(driver));
        Node node = database.node()) {
      node.grant(TestClaim.of("held"));
      String right = "SELECT, INSERT, UPDATE, DELETE";
      String url = asPoorUser(database, right);
      try (Node poor = new Node(JdbcLocks.at(url, database.options()))) {
        poor.grant(TestClaim.of("before"));
        database.execute("SET GLOBAL read_only = 1");
        for (String name : new String[] {"held", "free"}) {
          assertFails(() -> poor.claim(TestClaim.of(name)))
              .satisfies(
                  failure -> {
                    assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT);
                    assertThat(failure).hasMessageContaining("read-only");
                  });
        }
        poor.renew(TestClaim.of("held"));
        assertThat(poor.context.gone).isEmpty();
        assertThat(poor.inspect("held").holder()).isPresent();
      } finally {
        database.execute("SET GLOBAL read_only = 0");
        database.execute("DROP USER poor_user");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mariadb", "mysql"})
  void missingRight_ofMariaDb_isToldWithTheGrant(String driver) {
    try (Database database = Database.at(url(driver));
        Node node = database.node()) {
      node.grant(TestClaim.of("n"));
      String url = asPoorUser(database, "SELECT");
      try (Node poor = new Node(JdbcLocks.at(url, database.options()))) {
        assertFails(() -> poor.claim(TestClaim.of("n")))
            .satisfies(
                failure -> {
                  assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED);
                  assertThat(failure).hasMessageContaining("GRANT SELECT, INSERT, UPDATE, DELETE");
                });
      } finally {
        database.execute("DROP USER poor_user");
      }
    }
  }

  /** The URL of a user of MariaDB who has only these rights, on the table alone. */
  private static String asPoorUser(Database database, String rights) {
    database.execute("CREATE USER poor_user IDENTIFIED BY 'poor'");
    database.execute("GRANT " + rights + " ON TABLE_NAME TO poor_user");
    return database
        .url()
        .replace("user=" + Servers.mariaDb().user(), "user=poor_user")
        .replace(Servers.mariaDb().password(), "poor");
  }

  @Test
  void missingRight_isToldWithTheGrant() {
    PostgresServer server = Servers.postgres();
    try (Database database = Database.at(url("postgres"));
        Node node = database.node()) {
      node.grant(TestClaim.of("n"));
      database.execute("CREATE ROLE poor_user LOGIN PASSWORD 'poor'");
      database.execute("GRANT SELECT ON TABLE_NAME TO poor_user");
      String url =
          database
              .url()
              .replace("user=" + server.user(), "user=poor_user")
              .replace(server.password(), "poor");
      try (Node poor = new Node(JdbcLocks.at(url, database.options()))) {
        assertFails(() -> poor.claim(TestClaim.of("n")))
            .satisfies(
                failure -> {
                  assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED);
                  assertThat(failure).hasMessageContaining("GRANT SELECT, INSERT, UPDATE, DELETE");
                });
      } finally {
        database.execute("REVOKE ALL ON TABLE_NAME FROM poor_user");
        database.execute("DROP ROLE poor_user");
      }
    }
  }

  static HikariDataSource pool(String url, int size) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(size);
    return new HikariDataSource(config);
  }
}
