package dev.holdfast.lock.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.examples.ScheduledJob.Outcome;
import dev.holdfast.lock.jdbc.JdbcLocks;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ScheduledJobTest {

  private static final String JOB = "nightly-e-mail";
  private static final LocalDate MONDAY = LocalDate.of(2026, 3, 2);
  private static final int NODES = 4;
  private static final int DAYS = 10;

  private final JdbcConnectionPool database =
      JdbcConnectionPool.create("jdbc:h2:mem:jobs;DB_CLOSE_DELAY=-1", "sa", "");
  private final List<LockClient> clients = new ArrayList<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(NODES);

  @BeforeEach
  void prepare() throws SQLException {
    ScheduledJob.prepare(database, JOB);
    execute("CREATE TABLE mail (sent_on DATE NOT NULL)");
    for (int node = 0; node < NODES; node++) {
      clients.add(LockClient.over(JdbcLocks.over(database)));
    }
  }

  @AfterEach
  void close() throws SQLException {
    threads.shutdownNow();
    clients.forEach(LockClient::close);
    execute("SHUTDOWN");
    database.dispose();
  }

  @Test
  void run_allNodesAtOnceOnManyDays_eachDayIsDoneOnce() throws Exception {
    CyclicBarrier midnight = new CyclicBarrier(NODES);
    List<Future<Integer>> nodes = new ArrayList<>();
    for (LockClient client : clients) {
      nodes.add(threads.submit(() -> runEveryDay(job(client), midnight)));
    }
    int done = 0;
    for (Future<Integer> node : nodes) {
      done += node.get();
    }
    assertThat(done).isEqualTo(DAYS);
    assertThat(mails()).isEqualTo(DAYS);
  }

  private static int runEveryDay(ScheduledJob job, CyclicBarrier midnight) throws Exception {
    int done = 0;
    for (int day = 0; day < DAYS; day++) {
      midnight.await();
      done += job.run(MONDAY.plusDays(day)) == Outcome.DONE ? 1 : 0;
    }
    return done;
  }

  @Test
  void run_lateNode_seesThatItIsDone() throws Exception {
    assertThat(job(clients.get(0)).run(MONDAY)).isEqualTo(Outcome.DONE);
    assertThat(job(clients.get(1)).run(MONDAY)).isEqualTo(Outcome.DONE_BEFORE);
    assertThat(mails()).isEqualTo(1);
  }

  @Test
  void run_otherNodeIsAtIt_doesNotWait() throws Exception {
    ScheduledJob other = job(clients.get(1));
    ScheduledJob job =
        new ScheduledJob(
            JOB,
            clients.get(0),
            database,
            (transaction, day) -> assertThat(other.run(day)).isEqualTo(Outcome.BUSY_ELSEWHERE));
    assertThat(job.run(MONDAY)).isEqualTo(Outcome.DONE);
  }

  @Test
  void run_workFails_dayIsDoneByTheNextOne() throws Exception {
    ScheduledJob failing =
        new ScheduledJob(
            JOB,
            clients.get(0),
            database,
            (transaction, day) -> {
              send(transaction, day);
              throw new SQLException("disk full");
            });
    assertThatThrownBy(() -> failing.run(MONDAY)).hasMessage("disk full");
    assertThat(mails()).isZero();
    assertThat(job(clients.get(1)).run(MONDAY)).isEqualTo(Outcome.DONE);
    assertThat(mails()).isEqualTo(1);
  }

  private ScheduledJob job(LockClient client) {
    return new ScheduledJob(JOB, client, database, ScheduledJobTest::send);
  }

  private static void send(Connection transaction, LocalDate day) throws SQLException {
    try (var insert = transaction.prepareStatement("INSERT INTO mail VALUES (?)")) {
      insert.setObject(1, day);
      insert.executeUpdate();
    }
  }

  private int mails() throws SQLException {
    try (Connection connection = database.getConnection();
        var statement = connection.createStatement();
        var count = statement.executeQuery("SELECT count(*) FROM mail")) {
      count.next();
      return count.getInt(1);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
