package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What applications and frameworks hand in for a {@code DataSource}. */
class OddDataSourcesTest {

  private static Database database(String store) {
    return Database.at(
        store.equals("mariadb") ? Servers.url(Servers.mariaDb()) : Servers.url(Servers.postgres()));
  }

  /** A whole life of a lock over that data source, with a rival over plain connections. */
  private static void assertLocks(Database database, DataSource odd) {
    try (Node node = new Node(JdbcLocks.over(odd, database.options()));
        Node rival = database.lent()) {
      for (int i = 0; i < 8; i++) { // often enough for drivers to prepare statements
        Claim claim = TestClaim.of("n");
        node.grant(claim);
        assertThat(rival.inspect("n").holder()).isPresent();
        node.renew(claim);
        assertThat(node.context.renewed).containsKey(claim);
        assertThat(node.inspect("n").holder()).isPresent();
        assertThat(node.release(claim)).isEqualTo(ReleaseOutcome.RELEASED);
        Claim other = TestClaim.of("n");
        rival.grant(other);
        assertThat(node.inspect("n").holder()).isPresent();
        rival.release(other);
      }
    }
  }

  private interface Change {
    void of(Connection connection) throws SQLException;
  }

  private static DataSource changed(Database database, Change change) {
    return new DirectDataSource(database.url()) {
      @Override
      public Connection getConnection() throws SQLException {
        Connection connection = super.getConnection();
        change.of(connection);
        return connection;
      }
    };
  }

  /** As pools do that are told so; something of the application's is still open in it. */
  @ParameterizedTest
  @ValueSource(strings = {"postgresql", "mariadb"})
  void connectionsWithAnOpenTransaction_areUsable(String store) {
    try (Database database = database(store)) {
      assertLocks(
          database,
          changed(
              database,
              connection -> {
                connection.setAutoCommit(false);
                try (Statement statement = connection.createStatement()) {
                  statement.execute("SELECT 1");
                }
              }));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"postgresql", "mariadb"})
  void readOnlySerializableConnections_areUsable(String store) {
    try (Database database = database(store)) {
      assertLocks(
          database,
          changed(
              database,
              connection -> {
                connection.setReadOnly(true);
                connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
              }));
    }
  }

  /** A pool that does not look whether what it hands out is still open: half of it is not. */
  @ParameterizedTest
  @ValueSource(strings = {"postgresql", "mariadb"})
  void closedConnections_areGivenBackAndAnotherOneIsTaken(String store) {
    AtomicInteger count = new AtomicInteger();
    try (Database database = database(store)) {
      assertLocks(
          database,
          changed(
              database,
              connection -> {
                if (count.incrementAndGet() % 2 == 0) {
                  connection.close();
                }
              }));
    }
  }

  /** As proxies that fetch the connection with the first statement: nothing can be unwrapped. */
  @ParameterizedTest
  @ValueSource(strings = {"postgresql", "mariadb"})
  void lazyProxies_areUsable_andHandBackWhatTheyFetched(String store) {
    AtomicInteger open = new AtomicInteger();
    try (Database database = database(store)) {
      assertLocks(
          database,
          new DirectDataSource(database.url()) {
            @Override
            public Connection getConnection() {
              return lazy(database, open);
            }
          });
      assertThat(open).hasValue(0);
    }
  }

  private static Connection lazy(Database database, AtomicInteger open) {
    @Nullable Connection[] target = new @Nullable Connection[1];
    List<Boolean> autoCommit = new ArrayList<>(List.of(true));
    return (Connection)
        Proxy.newProxyInstance(
            OddDataSourcesTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              Connection fetched = target[0];
              String name = method.getName();
              if (name.equals("isWrapperFor")) {
                return false;
              }
              if (fetched == null && name.equals("getAutoCommit")) {
                return autoCommit.get(0);
              }
              if (fetched == null && name.equals("close")) {
                return null;
              }
              if (fetched == null) {
                fetched = database.connect();
                open.incrementAndGet();
                target[0] = fetched;
              }
              if (name.equals("close") && !fetched.isClosed()) {
                open.decrementAndGet();
              }
              try {
                return method.invoke(fetched, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Sessions that look for tables elsewhere; the lock's table is named with its schema. */
  @ParameterizedTest
  @ValueSource(strings = {"postgresql", "mariadb"})
  void tableInAnotherSchema_isFoundFromAnywhere(String store) {
    try (Database database = database(store)) {
      database.execute("DROP SCHEMA IF EXISTS elsewhere" + cascade(store));
      database.execute("CREATE SCHEMA elsewhere");
      JdbcLockOptions options =
          JdbcLockOptions.builder().table("elsewhere.locks").createSchema(true).build();
      try (Node owner = new Node(JdbcLocks.at(database.url(), options));
          Node lent = new Node(JdbcLocks.over(database.dataSource(), options))) {
        Claim claim = TestClaim.of("n");
        owner.grant(claim);
        assertThat(lent.claim(TestClaim.of("n"))).isInstanceOf(Waiting.class);
        owner.renew(claim);
        owner.release(claim);
        lent.grant(TestClaim.of("n"));
        assertThat(database.query("SELECT name FROM elsewhere.locks")).containsExactly("n");
      } finally {
        database.execute("DROP SCHEMA elsewhere" + cascade(store));
      }
    }
  }

  private static String cascade(String store) {
    return store.equals("mariadb") ? "" : " CASCADE";
  }
}
