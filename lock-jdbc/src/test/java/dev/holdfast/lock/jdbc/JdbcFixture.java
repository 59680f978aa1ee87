package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.net.Direction;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.TestServer;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A database for the contract: clients come through a proxy, the fixture itself directly. */
class JdbcFixture implements LockFixture {

  final Database direct;
  private final @Nullable TestServer server;
  private final @Nullable FaultProxy proxy;
  private final LockBackendFactory clients;

  /** A database inside this JVM. */
  JdbcFixture(String url) {
    this(Database.at(url), null, null, url);
  }

  JdbcFixture(
      Database direct, @Nullable TestServer server, @Nullable FaultProxy proxy, String url) {
    this.direct = direct;
    this.server = server;
    this.proxy = proxy;
    this.clients = JdbcLocks.at(url, direct.options());
    warmUp();
  }

  /** Makes the table, and loads what a first client loads: no test measures that. */
  private void warmUp() {
    try (LockClient client = LockClient.over(clients)) {
      client.lock("warm up").run(held -> {});
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  static FaultProxy proxyTo(TestServer server) {
    return FaultProxy.to(new InetSocketAddress(server.host(), server.port()));
  }

  @Override
  public LockBackendFactory connect() {
    return clients;
  }

  @Override
  public void deleteRecord(String name) throws SQLException {
    try (Connection connection = direct.connect();
        PreparedStatement delete =
            connection.prepareStatement("DELETE FROM " + direct.table() + " WHERE name = ?")) {
      delete.setString(1, name);
      delete.executeUpdate();
    }
  }

  /** Live grants. A row that ran out is nobody's: the next claim takes it over. */
  @Override
  public OptionalLong residue() throws SQLException {
    try (Connection connection = direct.connect()) {
      String ranOut = Dialects.of(connection, false, direct.table()).stale();
      String live = "SELECT count(*) FROM TABLE_NAME WHERE claim_id IS NOT NULL AND NOT (";
      return OptionalLong.of(number(live + ranOut + ")"));
    }
  }

  /** Counts the sessions of clients, or of everybody but us; empty if that cannot be told. */
  String sessions() {
    return "SELECT count(*) - 1 FROM INFORMATION_SCHEMA.SESSIONS";
  }

  /** Zero before the table is there. */
  final long number(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(direct.url());
        var statement = connection.createStatement();
        var results = statement.executeQuery(sql.replace("TABLE_NAME", direct.table()))) {
      results.next();
      return results.getLong(1);
    } catch (SQLException e) {
      if (Trouble.of(e) == Trouble.NO_TABLE) {
        return 0;
      }
      throw e;
    }
  }

  @Override
  public boolean delayReplies(Duration by) {
    if (proxy == null || isChatty()) {
      return false;
    }
    if (by.isZero()) {
      proxy.heal();
    } else {
      proxy.delay(by, Duration.ZERO, 1, Direction.SERVER_TO_CLIENT);
    }
    return true;
  }

  /** Whether a statement is several trips, so that slow answers add up to more than a lease. */
  boolean isChatty() {
    return true;
  }

  @Override
  public boolean restartStore() {
    if (server == null || !server.isControllable()) {
      return false;
    }
    server.restart();
    return true;
  }

  /** What drivers and the JDK keep, one per JVM. */
  @Override
  public boolean isOwnThread(Thread thread) {
    return Stream.of("PostgreSQL-JDBC", "H2 ", "Cleaner-", "mysql-cj-abandoned")
        .anyMatch(thread.getName()::startsWith);
  }

  /** Without the proxy: to the same table. */
  @Override
  public Optional<String> uri() {
    String url = direct.url();
    String first = url.startsWith("jdbc:h2:") ? ";" : url.contains("?") ? "&" : "?";
    String next = first.equals(";") ? ";" : "&";
    return server == null
        ? Optional.empty()
        : Optional.of(
            url + first + "holdfast.createSchema=true" + next + "holdfast.table=" + direct.table());
  }

  /** R3: all clients are closed by now, so none of their sessions may be there. */
  @Override
  public void close() {
    if (proxy != null) {
      proxy.close();
    }
    if (!sessions().isEmpty()) {
      Await.until("the end of all sessions", Duration.ofSeconds(10), () -> number(sessions()) == 0);
    }
    direct.close();
  }
}
