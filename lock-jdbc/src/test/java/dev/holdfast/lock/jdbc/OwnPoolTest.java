package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FaultProxy;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R3: closed, the pool has no session left, whatever its connections were doing meanwhile. */
class OwnPoolTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final Database embedded =
      Database.at("jdbc:h2:mem:own pool %d;DB_CLOSE_DELAY=-1".formatted(NUMBER.incrementAndGet()));

  private static OwnPool at(String url) {
    return new OwnPool(new UrlDataSource(url, Duration.ofSeconds(5)), 4);
  }

  private static Deadline soon() {
    return Deadline.in(System::nanoTime, Await.scaled(LONG));
  }

  /** One that HikariCP has opened: in its place the pool opens one itself if that takes long. */
  private static Connection borrowPooled(OwnPool pool) {
    return Await.value(
        "a connection of HikariCP's",
        LONG,
        () -> {
          Connection connection = pool.borrow(soon());
          if (connection.getClass().getName().startsWith("com.zaxxer.hikari")) {
            return Optional.of(connection);
          }
          pool.giveBack(connection);
          return Optional.empty();
        });
  }

  /** Besides the one that asks. */
  private void assertNoSession() {
    assertThat(embedded.query("SELECT count(*) - 1 FROM INFORMATION_SCHEMA.SESSIONS"))
        .containsExactly("0");
  }

  /** H2's driver does nothing in {@code abort}, by which HikariCP ends what is in use. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void close_withAConnectionInUse_leavesNoSession(boolean usable) throws Exception {
    OwnPool pool = at(embedded.url());
    Connection used = borrowPooled(pool);
    pool.giveBack(borrowPooled(pool));
    pool.close();
    assertNoSession();
    if (usable) {
      pool.giveBack(used);
    } else {
      pool.discard(used);
    }
    assertNoSession();
    assertThatThrownBy(() -> pool.borrow(soon())).isInstanceOf(SQLException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2", "postgres", "mariadb", "mysql"})
  void close_withAConnectionInUse_cutsItsLine(String store) throws Exception {
    FaultProxy proxy =
        switch (store) {
          case "h2" -> JdbcFixture.proxyTo(Servers.h2());
          case "postgres" -> JdbcFixture.proxyTo(Servers.postgres());
          default -> JdbcFixture.proxyTo(Servers.mariaDb());
        };
    String url =
        switch (store) {
          case "h2" -> Servers.url(Servers.h2(), proxy.address());
          case "postgres" -> Servers.url(Servers.postgres(), proxy.address());
          case "mariadb" -> Servers.url(Servers.mariaDb(), proxy.address());
          default -> Servers.mysqlUrl(Servers.mariaDb(), proxy.address());
        };
    try (proxy) {
      OwnPool pool = at(url);
      Connection used = borrowPooled(pool);
      pool.close();
      Await.until("the end of the line", LONG, () -> proxy.openConnections() == 0);
      pool.giveBack(used);
    }
  }

  /** Those that used it find a connection that is closed, or none. */
  @Test
  void close_whileConnectionsComeAndGo_leavesNoSession() throws Exception {
    for (int i = 0; i < 50; i++) {
      OwnPool pool = at(embedded.url());
      CountDownLatch begun = new CountDownLatch(3);
      CompletableFuture<?>[] users = new CompletableFuture<?>[3];
      for (int n = 0; n < users.length; n++) {
        boolean usable = n != 0;
        users[n] = CompletableFuture.runAsync(() -> use(pool, usable, begun));
      }
      begun.await();
      pool.close();
      CompletableFuture.allOf(users).join(); // one may be logging in, and end that itself
      assertNoSession();
    }
  }

  private static void use(OwnPool pool, boolean usable, CountDownLatch begun) {
    try {
      while (true) {
        Connection connection = pool.borrow(soon());
        begun.countDown();
        if (usable) {
          pool.giveBack(connection);
        } else {
          pool.discard(connection);
        }
      }
    } catch (SQLException | InterruptedException e) {
      begun.countDown(); // it is closed
    }
  }

  /** HikariCP waits for it for a second, and then takes no notice of it. */
  @Test
  void login_thatEndsAfterTheClose_leavesNoSession() throws Exception {
    SlowLogin driver = new SlowLogin(embedded);
    DriverManager.registerDriver(driver);
    try {
      OwnPool pool = at("jdbc:slow");
      CompletableFuture<Boolean> refused =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  pool.borrow(Deadline.in(System::nanoTime, Duration.ZERO));
                  return false;
                } catch (SQLException | InterruptedException e) {
                  return true;
                }
              });
      driver.asked.await();
      pool.close();
      assertThat(refused.join()).isTrue();
      driver.go.countDown();
      driver.thread.join();
      assertNoSession();
    } finally {
      DriverManager.deregisterDriver(driver);
    }
  }

  /** Does not hear of interrupts, as most drivers. */
  private static final class SlowLogin implements Driver {

    final CountDownLatch asked = new CountDownLatch(1);
    final CountDownLatch go = new CountDownLatch(1);
    private final Database database;
    volatile Thread thread;

    SlowLogin(Database database) {
      this.database = database;
    }

    @Override
    public Connection connect(String url, Properties info) throws SQLException {
      thread = Thread.currentThread();
      asked.countDown();
      boolean interrupted = true;
      while (interrupted) {
        try {
          go.await();
          interrupted = false;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      return database.connect();
    }

    @Override
    public boolean acceptsURL(String url) {
      return url.equals("jdbc:slow");
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
      return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
      return 1;
    }

    @Override
    public int getMinorVersion() {
      return 0;
    }

    @Override
    public boolean jdbcCompliant() {
      return false;
    }

    @Override
    public Logger getParentLogger() {
      return Logger.getGlobal();
    }
  }
}
