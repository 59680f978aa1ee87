package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What MariaDB gets to see, by its own log and counters, from both drivers. */
class MariaDbStatementsTest {

  private static String url(String driver) {
    return driver.equals("mariadb")
        ? Servers.url(Servers.mariaDb())
        : Servers.mysqlUrl(Servers.mariaDb());
  }

  /**
   * The statements that the server carried out meanwhile, whoever sent them. What is prepared is so
   * once per connection, which is left out.
   */
  private static List<String> statements(Database database, Runnable action) {
    database.execute("SET GLOBAL log_output = 'TABLE'");
    database.execute("TRUNCATE TABLE mysql.general_log");
    database.execute("SET GLOBAL general_log = ON");
    database.execute("DO 'begin'");
    action.run();
    database.execute("DO 'end'");
    database.execute("SET GLOBAL general_log = OFF");
    List<String> all =
        database.query(
            "SELECT argument FROM mysql.general_log WHERE command_type IN ('Query', 'Execute',"
                + " 'Ping') ORDER BY event_time");
    // each of our own connections says something before that
    List<String> between = all.subList(all.indexOf("DO 'begin'") + 1, all.indexOf("DO 'end'"));
    List<String> endLogin = ownLogin(all);
    return between.subList(0, between.size() - endLogin.size());
  }

  /** What we set ourselves on connections of our own; the owner of a pool has to. */
  private static String frugal(String driver, String url) {
    return driver.equals("mysql") ? url + "&readOnlyPropagatesToServer=false" : url;
  }

  /** What the driver sends on a new connection: what comes before the begin. */
  private static List<String> ownLogin(List<String> all) {
    return all.subList(0, all.indexOf("DO 'begin'"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mariadb", "mysql"})
  void acquireAndRelease_takeOneStatementEach(String driver) throws SQLException {
    try (Database database = Database.at(url(driver));
        Connection one = DriverManager.getConnection(frugal(driver, database.url()));
        Node node = database.node();
        Node lent = new Node(JdbcLocks.over(new OneConnection(one), database.options()))) {
      Claim first = TestClaim.of("n");
      node.grant(first);
      node.renew(first); // from now on on a connection of its own
      node.release(first);
      lent.inspect("n");
      for (Node each : List.of(node, lent)) {
        Claim claim = TestClaim.of("n");
        assertThat(statements(database, () -> each.grant(claim)))
            .singleElement()
            .asString()
            .contains("UPDATE " + database.table() + " SET token");
        Claim neverUsed = TestClaim.of("new " + each.hashCode());
        assertThat(statements(database, () -> each.grant(neverUsed))).hasSize(2);
        Claim next = TestClaim.of("n");
        assertThat(statements(database, () -> each.backend.handOver(claim, next))).hasSize(1);
        assertThat(statements(database, () -> each.renew(next))).hasSize(1);
        assertThat(statements(database, () -> each.release(next))).hasSize(1);
      }
    }
  }

  /** One to ask, one to read; from then on one read per poll, which takes no lock. */
  @ParameterizedTest
  @ValueSource(strings = {"mariadb", "mysql"})
  void waiting_takesOneReadPerPoll(String driver) {
    try (Database database = Database.at(url(driver));
        Node a = database.node();
        Node b = database.node()) {
      a.grant(TestClaim.of("n"));
      b.inspect("n");
      Claim waiting = TestClaim.of("n");
      assertThat(statements(database, () -> b.claim(waiting))).hasSize(2);
      assertThat(statements(database, () -> b.claim(waiting)))
          .singleElement()
          .asString()
          .startsWith("SELECT name");
    }
  }

  /** S2, and 2 MB of names. */
  @ParameterizedTest
  @ValueSource(strings = {"mariadb", "mysql"})
  void renewal_of10000Locks_isOneStatement(String driver) {
    try (Database database = Database.at(url(driver));
        Node node = database.node()) {
      node.grant(TestClaim.of("makes the table"));
      String long255 = "x".repeat(240);
      List<TestClaim> claims =
          IntStream.range(0, 10_000).mapToObj(i -> TestClaim.of(i + long255)).toList();
      database.execute(
          "INSERT INTO TABLE_NAME (name, claim_id, lease_ms) SELECT concat(seq, '"
              + long255
              + "'), '', 15000 FROM seq_0_to_9999");
      try (Connection connection = database.connect();
          var statement =
              connection.prepareStatement(
                  "UPDATE " + database.table() + " SET claim_id = ? WHERE name = ?")) {
        connection.setAutoCommit(false);
        for (TestClaim claim : claims) {
          statement.setString(1, claim.id());
          statement.setString(2, claim.name());
          statement.addBatch();
        }
        statement.executeBatch();
        connection.commit();
      } catch (SQLException e) {
        throw new AssertionError(e);
      }
      node.backend.renew(claims.subList(0, 1));
      node.context.renewed.clear();
      long before = System.nanoTime();
      List<String> sent = statements(database, () -> node.backend.renew(claims));
      System.out.printf(
          "MariaDB by %s: 10,000 renewals in %d ms%n",
          driver, (System.nanoTime() - before) / 1_000_000);
      assertThat(node.context.renewed).hasSize(10_000);
      assertThat(sent).hasSize(1);
    }
  }

  private static long deadlocks(Database database) {
    return Long.parseLong(
        database
            .query(
                "SELECT variable_value FROM information_schema.global_status"
                    + " WHERE variable_name = 'INNODB_DEADLOCKS'")
            .get(0));
  }

  /** H-83: whatever isolation the sessions begin with. */
  @ParameterizedTest
  @ValueSource(strings = {"READ-UNCOMMITTED", "READ-COMMITTED", "SERIALIZABLE"})
  void firstRow_inAnyIsolation_hasOneWinnerAndNoDeadlock(String isolation) throws Exception {
    String isolated = url("mariadb") + "&sessionVariables=tx_isolation='" + isolation + "'";
    try (Database database = Database.at(isolated);
        Crowd crowd = new Crowd(database, 32)) {
      assertThat(database.query("SELECT @@tx_isolation")).containsExactly(isolation);
      long before = deadlocks(database);
      for (int round = 0; round < 20; round++) {
        String name = "first" + round;
        List<ClaimOutcome> outcomes = crowd.all(node -> node.claim(TestClaim.of(name)));
        assertThat(outcomes).filteredOn(Granted.class::isInstance).hasSize(1);
        assertThat(outcomes).filteredOn(Waiting.class::isInstance).hasSize(31);
        String own = "own" + round + "-";
        assertThat(
                crowd.all(node -> node.claim(TestClaim.of(own + Thread.currentThread().getId()))))
            .allMatch(Granted.class::isInstance);
      }
      assertThat(deadlocks(database)).isEqualTo(before);
    }
  }

  /** Renewals of many rows beside claims, releases and new rows in between. */
  @Test
  void renewalsBesideClaims_meetNoDeadlock() throws Exception {
    AtomicBoolean end = new AtomicBoolean();
    ExecutorService threads = Executors.newCachedThreadPool();
    try (Database database = Database.at(url("mariadb"));
        Node a = database.node();
        Node b = database.node();
        Crowd crowd = new Crowd(database, 8)) {
      long before = deadlocks(database);
      a.grant(TestClaim.of("makes the table"));
      List<Future<?>> renewing =
          List.of(a, b).stream()
              .<Future<?>>map(node -> threads.submit(() -> renewUntil(end, node)))
              .toList();
      for (int round = 0; round < 60; round++) {
        String prefix = "m" + round + "-";
        crowd.all(
            node -> {
              Claim claim = TestClaim.of(prefix + Thread.currentThread().getId() % 4);
              ClaimOutcome outcome = node.claim(claim);
              node.release(claim);
              return outcome;
            });
      }
      end.set(true);
      for (Future<?> each : renewing) {
        each.get();
      }
      assertThat(deadlocks(database)).isEqualTo(before);
      assertThat(a.context.gone).isEmpty();
      assertThat(b.context.gone).isEmpty();
    } finally {
      end.set(true);
      threads.shutdownNow();
    }
  }

  private static void renewUntil(AtomicBoolean end, Node node) {
    List<TestClaim> claims =
        IntStream.range(0, 50)
            .mapToObj(i -> TestClaim.of("k" + i + "-" + System.identityHashCode(node)))
            .toList();
    claims.forEach(node::grant);
    while (!end.get()) {
      node.context.renewed.clear();
      node.backend.renew(claims);
      assertThat(node.context.renewed).hasSize(50);
    }
  }

  /** H-87: sessions whose local times are an hour and more apart, as when summer time begins. */
  @ParameterizedTest
  @ValueSource(strings = {"mariadb", "mysql"})
  void zonesOfSessions_changeNothing(String driver) {
    try (Database database = Database.at(url(driver));
        Node here = database.node()) {
      Claim held = TestClaim.of("n");
      Granted granted = here.grant(held);
      for (String zone : List.of("+01:00", "+02:00", "-11:00", "+12:45")) {
        String plus = driver.equals("mysql") ? "%2B" : "+"; // one driver decodes its URL
        String url = url(driver) + "&sessionVariables=time_zone='" + zone.replace("+", plus) + "'";
        Database same = new Database(url, database.table());
        assertThat(same.query("SELECT @@time_zone")).containsExactly(zone);
        try (Node there = same.node()) {
          Waiting waiting = (Waiting) there.claim(TestClaim.of("n"));
          assertThat(waiting.lookAgainIn())
              .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(15));
          assertThat(there.grant(held).fencingToken()).isEqualTo(granted.fencingToken());
          there.renew(held);
          assertThat(there.context.renewed).containsKey(held);
          Claim own = TestClaim.of(zone);
          there.grant(own);
          assertThat(here.claim(TestClaim.of(zone))).isInstanceOf(Waiting.class);
          there.release(own);
          assertThat(here.grant(TestClaim.of(zone)).fencingToken())
              .isGreaterThan(granted.fencingToken());
        }
      }
    }
  }

  /** Settings that applications have in their URLs. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "mariadb:useServerPrepStmts=true",
        "mysql:useServerPrepStmts=true",
        "mysql:useServerPrepStmts=true&cachePrepStmts=true&rewriteBatchedStatements=true",
        "mysql:useAffectedRows=true",
        "mariadb:useAffectedRows=true",
        "mysql:characterEncoding=ISO-8859-1",
        "mysql:sessionVariables=sql_mode='ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
        "mariadb:sessionVariables=sql_mode='SIMULTANEOUS_ASSIGNMENT'",
        "mariadb:sessionVariables=sql_mode='ORACLE'",
        "mariadb:sessionVariables=sql_safe_updates=1",
        "mariadb:autocommit=false",
        "mariadb:sessionVariables=auto_increment_increment=7"
      })
  void settingsOfTheApplication_changeNothing(String setting) {
    String driver = setting.replaceFirst(":.*", "");
    try (Database plain = Database.at(url("mariadb"));
        Node other = plain.node()) {
      Database set =
          new Database(url(driver) + "&" + setting.replaceFirst("^[^:]*:", ""), plain.table());
      other.grant(TestClaim.of("makes the table"));
      try (Node own = set.node();
          Node lent = set.lent()) {
        for (Node node : List.of(own, lent)) {
          String name = "it's a \\ \"name\" " + System.identityHashCode(node);
          Claim claim = TestClaim.of(name);
          long token = node.grant(claim).fencingToken();
          assertThat(token).isGreaterThan(1_000_000_000_000_000L);
          assertThat(node.grant(claim).fencingToken()).isEqualTo(token);
          assertThat(other.claim(TestClaim.of(name))).isInstanceOf(Waiting.class);
          node.renew(claim);
          assertThat(node.context.renewed).containsKey(claim);
          assertThat(Node.get(node.records().write(claim, "done"))).isTrue();
          Claim next = TestClaim.of(name);
          assertThat(Node.get(node.backend.handOver(claim, next).claimed()))
              .isInstanceOfSatisfying(
                  Granted.class,
                  granted -> assertThat(granted.fencingToken()).isGreaterThan(token));
          assertThat(node.release(next)).isEqualTo(ReleaseOutcome.RELEASED);
          assertThat(other.claim(TestClaim.of(name))).isInstanceOf(Granted.class);
        }
      }
    }
  }

  /** A pool that marks its connections read-only is lent all the same, and gets them back so. */
  @ParameterizedTest
  @ValueSource(strings = {"mariadb", "mysql"})
  void readOnlyConnections_areLiftedForTheCall(String driver) throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url(driver));
    config.setReadOnly(true);
    config.setMaximumPoolSize(1);
    try (Database database = Database.at(url(driver));
        HikariDataSource pool = new HikariDataSource(config);
        Node first = database.node();
        Node node = new Node(JdbcLocks.over(pool, database.options()))) {
      first.grant(TestClaim.of("makes the table"));
      Claim claim = TestClaim.of("n");
      node.grant(claim);
      assertThat(node.release(claim)).isEqualTo(ReleaseOutcome.RELEASED);
      try (Connection connection = pool.getConnection()) {
        assertThat(connection.isReadOnly()).isTrue();
      }
    }
  }
}
