package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.PostgresServer;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What PostgreSQL itself saw, by its own log: statements counted, and no errors. */
class PostgresStatementsTest {

  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server = PostgresServer.options().set("log_statement", "all").launch();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static List<String> statements(Database database, Runnable action) {
    return new PostgresLog(server).statements(database, action);
  }

  private static List<String> log(Database database, Runnable action) {
    return new PostgresLog(server).lines(database, action);
  }

  @Test
  void acquireAndRelease_takeOneStatementEach() {
    try (Database database = Database.at(Servers.url(server));
        Node node = database.node();
        Node lent = database.lent()) {
      Claim first = TestClaim.of("n");
      node.grant(first);
      node.release(first);
      lent.inspect("n");
      for (Node each : List.of(node, lent)) {
        Claim claim = TestClaim.of("n");
        assertThat(statements(database, () -> each.grant(claim)))
            .singleElement()
            .asString()
            .startsWith("INSERT");
        Claim neverUsed = TestClaim.of("new " + each.hashCode());
        assertThat(statements(database, () -> each.grant(neverUsed))).hasSize(1);
        Claim next = TestClaim.of("n");
        assertThat(statements(database, () -> each.backend.handOver(claim, next)))
            .singleElement()
            .asString()
            .startsWith("UPDATE");
        assertThat(statements(database, () -> each.release(next)))
            .singleElement()
            .asString()
            .startsWith("UPDATE");
      }
    }
  }

  /** One to ask, one to read; from then on one read per poll, which takes no lock. */
  @Test
  void waiting_takesOneReadPerPoll() {
    try (Database database = Database.at(Servers.url(server));
        Node a = database.node();
        Node b = new Node(JdbcLocks.at(database.url(), deaf(database)))) {
      a.grant(TestClaim.of("n"));
      b.inspect("n");
      Claim waiting = TestClaim.of("n");
      assertThat(statements(database, () -> b.claim(waiting))).hasSize(2);
      long refused = System.nanoTime();
      Await.until(
          "a long wait", BackendTests.LONG, () -> System.nanoTime() - refused > 20_000_000L);
      assertThat(statements(database, () -> b.claim(waiting)))
          .as("with its entry in the row")
          .hasSize(2);
      assertThat(statements(database, () -> b.claim(waiting)))
          .singleElement()
          .asString()
          .startsWith("SELECT name");
    }
  }

  private static JdbcLockOptions deaf(Database database) {
    return database.options().change().listen(false).build();
  }

  /** S2. */
  @Test
  void renewal_of10000Locks_isOneStatement() {
    try (Database database = Database.at(Servers.url(server));
        Node node = database.node()) {
      node.grant(TestClaim.of("makes the table"));
      List<TestClaim> claims =
          IntStream.range(0, 10_000).mapToObj(i -> TestClaim.of("name " + i)).toList();
      database.execute(
          "INSERT INTO TABLE_NAME (name, claim_id, lease_ms)"
              + " SELECT 'name ' || i, 'x', 15000 FROM generate_series(0, 9999) i");
      try (Connection connection = database.connect();
          var statement =
              connection.prepareStatement(
                  "UPDATE "
                      + database.table()
                      + " t SET claim_id = c.id"
                      + " FROM unnest(?, ?) AS c(name, id) WHERE t.name = c.name")) {
        statement.setArray(1, connection.createArrayOf("text", Texts.names(claims)));
        statement.setArray(2, connection.createArrayOf("text", Texts.ids(claims)));
        statement.executeUpdate();
      } catch (SQLException e) {
        throw new AssertionError(e);
      }
      List<String> statements = statements(database, () -> node.backend.renew(claims));
      assertThat(statements).singleElement().asString().startsWith("WITH");
      assertThat(node.context.renewed).hasSize(10_000);
    }
  }

  /** H-83: nobody's race leaves an error behind. */
  @Test
  void races_leaveNoErrorInTheLog() {
    try (Database database = Database.at(Servers.url(server))) {
      List<String> log = log(database, () -> race(database));
      assertThat(log)
          .hasSizeGreaterThan(100)
          .noneMatch(line -> line.matches(".*(ERROR|WARNING|FATAL):.*"));
    }
  }

  private static void race(Database database) {
    try (Crowd crowd = new Crowd(database, 24)) {
      for (int round = 0; round < 5; round++) {
        String name = "n" + round;
        var outcomes = crowd.all(node -> node.claim(TestClaim.of(name)));
        assertThat(outcomes).filteredOn(Granted.class::isInstance).hasSize(1);
        outcomes = crowd.all(node -> node.claim(TestClaim.of(name)));
        assertThat(outcomes).filteredOn(Waiting.class::isInstance).hasSize(24);
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /**
   * A grant that a crash undoes would be two holders: synchronous_commit = off is overridden. A
   * release that a crash undoes costs a lease: it does not wait for the disk.
   */
  @ParameterizedTest
  @ValueSource(strings = {"off", "on"})
  void commitOfAllButTheRelease_isSynchronousWhateverTheDefault(String byDefault) {
    try (Database database = Database.at(Servers.url(server));
        Node node = database.node()) {
      Claim claim = TestClaim.of("n");
      node.grant(claim);
      node.release(claim);
      database.execute(
          "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
              + " RAISE LOG 'told % % %', current_setting('synchronous_commit'),"
              + " current_setting('lock_timeout'), NEW.claim_id; RETURN NEW; END $$");
      database.execute(
          "CREATE TRIGGER told BEFORE UPDATE ON TABLE_NAME FOR EACH ROW EXECUTE FUNCTION tell()");
      database.execute("ALTER ROLE " + server.user() + " SET synchronous_commit = " + byDefault);
      try (Node later = database.node()) {
        Claim next = TestClaim.of("n");
        Claim third = TestClaim.of("n");
        Runnable calls =
            () -> {
              later.grant(next);
              later.renew(next);
              later.backend.handOver(next, third);
              later.release(third);
            };
        List<String> told =
            log(database, calls).stream()
                .filter(line -> line.contains("LOG:  told "))
                .map(line -> line.replaceFirst(".*told ", ""))
                .toList();
        assertThat(told.subList(0, 3)).allMatch(line -> line.startsWith("on "));
        assertThat(told.get(0)).startsWith("on 1s");
        assertThat(told.get(3)).startsWith("off ");
      } finally {
        database.execute("ALTER ROLE " + server.user() + " RESET synchronous_commit");
        database.execute("DROP TRIGGER told ON TABLE_NAME");
        database.execute("DROP FUNCTION tell()");
      }
    }
  }

  /** What a statement sets for itself does not outlive it: fit for a pooler. */
  @Test
  void settings_doNotOutliveTheStatement() throws Exception {
    try (Database database = Database.at(Servers.url(server));
        Connection one = database.connect();
        Node node = new Node(JdbcLocks.over(new OneConnection(one), database.options()))) {
      node.grant(TestClaim.of("n"));
      try (var statement = one.createStatement();
          var results = statement.executeQuery("SHOW lock_timeout")) {
        results.next();
        assertThat(results.getString(1)).isEqualTo("0");
      }
    }
  }

  /** 40001 is contention. One winner, and nobody gets an exception. */
  @Test
  void serializableByDefault_changesNothing() throws Exception {
    String url = Servers.url(server);
    try (Database database =
        Database.at(url + "&options=-c%20default_transaction_isolation=serializable")) {
      try (Crowd crowd = new Crowd(database, 16)) {
        for (int round = 0; round < 30; round++) {
          String name = "n" + round;
          var outcomes = crowd.all(node -> node.claim(TestClaim.of(name)));
          assertThat(outcomes).filteredOn(Granted.class::isInstance).hasSize(1);
          assertThat(outcomes).filteredOn(Waiting.class::isInstance).hasSize(15);
        }
      }
      try (Node a = database.node();
          Node b = database.node()) {
        a.grant(TestClaim.of("n"));
        ExecutorService executor = Executors.newFixedThreadPool(1);
        List<TestClaim> claims =
            IntStream.range(0, 20).mapToObj(i -> TestClaim.of("r" + i)).toList();
        claims.forEach(a::grant);
        Future<?> polls =
            executor.submit(
                () -> {
                  for (int i = 0; i < 200; i++) {
                    b.claim(TestClaim.of("r" + i % 20));
                  }
                });
        while (!polls.isDone()) {
          a.backend.renew(claims);
        }
        polls.get();
        executor.shutdown();
        assertThat(a.context.gone).isEmpty();
        a.context.renewed.clear();
        a.backend.renew(claims);
        assertThat(a.context.renewed).hasSize(20);
        claims.forEach(claim -> assertThat(a.release(claim)).isEqualTo(ReleaseOutcome.RELEASED));
      }
    }
  }
}
