package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A9: the connection that renewals have to themselves. */
class ReservedConnectionTest {

  /** Connections that count, and one of which can be told to hang in its next statement. */
  private static final class Hanging extends DirectDataSource {

    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger open = new AtomicInteger();
    final CountDownLatch hang = new CountDownLatch(1);
    volatile Object hanging;
    volatile Object last;
    volatile boolean hangs;

    Hanging(String url) {
      super(url);
    }

    /** A worker who asked whether there is one more may still have it to give back. */
    void awaitAllBack() {
      Await.until("all given back", Duration.ofSeconds(10), () -> open.get() == 0);
    }

    @Override
    public Connection getConnection() throws SQLException {
      asked.incrementAndGet();
      Connection real = super.getConnection();
      open.incrementAndGet();
      Object connection =
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {Connection.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("prepareStatement")) {
                  last = proxy;
                  if (proxy == hanging) {
                    hangs = true;
                    hang.await();
                  }
                } else if (method.getName().equals("close") && !real.isClosed()) {
                  open.decrementAndGet();
                } else if (method.getName().equals("equals")) {
                  return proxy == arguments[0];
                } else if (method.getName().equals("hashCode")) {
                  return System.identityHashCode(proxy);
                }
                try {
                  return method.invoke(real, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
      return (Connection) connection;
    }
  }

  @Test
  void renewals_keepOneConnection_andGiveItBackWhenTheyEnd() {
    try (Database database = Database.at(Servers.url(Servers.postgres()))) {
      Hanging lent = new Hanging(database.url());
      try (Node node = new Node(JdbcLocks.over(lent, database.options()))) {
        Claim claim = TestClaim.of("n", Duration.ofMillis(1_500));
        node.grant(claim);
        assertThat(lent.open).hasValue(0);
        keeps(node, claim, lent);
        int before = lent.asked.get();
        node.renew(claim);
        node.renew(claim);
        assertThat(lent.asked).hasValue(before);
        lent.awaitAllBack();
        keeps(node, claim, lent);
      }
      lent.awaitAllBack();
    }
  }

  /**
   * A busy machine may be too slow to prove that the pool has another one, which then comes late
   * and is open for a moment: kept is the one that a renewal finds.
   */
  private static void keeps(Node node, Claim claim, Hanging lent) {
    Await.until(
        "one kept",
        Duration.ofSeconds(10),
        () -> {
          int asked = lent.asked.get();
          node.renew(claim);
          return lent.asked.get() == asked && lent.open.get() == 1;
        });
  }

  @Test
  void renewalThatHangs_doesNotStopTheNextOnes() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (Database database = Database.at(Servers.url(Servers.postgres()))) {
      Hanging lent = new Hanging(database.url());
      try (Node node = new Node(JdbcLocks.over(lent, database.options()))) {
        Claim claim = TestClaim.of("n");
        node.grant(claim);
        keeps(node, claim, lent);
        lent.hanging = lent.last;
        Future<?> stuck = executor.submit(() -> node.renew(claim));
        Await.until("the renewal that hangs", Duration.ofSeconds(10), () -> lent.hangs);
        for (int i = 0; i < 3; i++) {
          node.context.renewed.clear();
          node.renew(claim);
          assertThat(node.context.renewed).containsKey(claim);
        }
        assertThat(stuck.isDone()).isFalse();
        lent.hang.countDown();
        stuck.get();
      }
      lent.awaitAllBack();
    } finally {
      executor.shutdownNow();
    }
  }

  /** Killed by the server in between: the renewal that finds out takes a new one. */
  @Test
  void brokenConnection_isReplacedAtOnce() throws SQLException {
    try (Database database = Database.at(Servers.url(Servers.postgres()));
        Node node =
            new Node(JdbcLocks.at(database.url() + "&ApplicationName=mine", database.options()))) {
      Claim claim = TestClaim.of("n");
      node.grant(claim);
      node.renew(claim);
      node.context.renewed.clear();
      try (Connection admin = DriverManager.getConnection(database.url());
          var statement = admin.createStatement()) {
        statement.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ="
                + " 'mine'");
      }
      node.renew(claim);
      assertThat(node.context.renewed).containsKey(claim);
    }
  }

  @Test
  void reservation_canBeSwitchedOff() {
    try (Database database = Database.at(Servers.url(Servers.postgres()))) {
      Hanging lent = new Hanging(database.url());
      JdbcLockOptions options = database.options().change().reserveConnection(false).build();
      try (Node node = new Node(JdbcLocks.over(lent, options))) {
        Claim claim = TestClaim.of("n");
        node.grant(claim);
        node.renew(claim);
        assertThat(node.context.renewed).containsKey(claim);
        assertThat(lent.open).hasValue(0);
      }
    }
  }
}
