package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.contract.OneServer;
import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.process.WallClock;
import dev.holdfast.lock.testkit.server.MariaDbServer;
import dev.holdfast.lock.testkit.server.MariaDbServerOptions;
import dev.holdfast.lock.testkit.server.PostgresServer;
import dev.holdfast.lock.testkit.server.PostgresServerOptions;
import dev.holdfast.lock.testkit.server.ServerUnavailableException;
import dev.holdfast.lock.testkit.server.TestServer;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Power over a database, and where it is asked for a standby to put in its place. */
final class JdbcControl extends OneServer {

  private static final String MORE = "&holdfast.createSchema=true";
  private static final Duration LONG = Duration.ofSeconds(20);

  private final Optional<PostgresServer> primary;
  private final Optional<PostgresServer> standby;

  private JdbcControl(
      TestServer server,
      Function<InetSocketAddress, String> uri,
      Optional<WallClock> clock,
      Optional<PostgresServer> primary,
      Optional<PostgresServer> standby) {
    super(server, uri, clock);
    this.primary = primary;
    this.standby = standby;
  }

  static ServerControl postgres() {
    PostgresServer server = PostgresServer.options().set("max_connections", "400").launch();
    return new JdbcControl(
        server, postgresUri(server), Optional.empty(), Optional.of(server), Optional.empty());
  }

  static ServerControl postgresWithStandby() {
    Optional<WallClock> clock = WallClock.create();
    PostgresServerOptions options = PostgresServer.options();
    clock.ifPresent(own -> own.environment().forEach(options::environment));
    PostgresServer server = options.launch();
    return new JdbcControl(
        server, postgresUri(server), clock, Optional.of(server), standbyOf(server));
  }

  private static Optional<PostgresServer> standbyOf(PostgresServer server) {
    try {
      return Optional.of(server.launchStandby());
    } catch (ServerUnavailableException e) { // no pg_basebackup here
      return Optional.empty();
    }
  }

  private static Function<InetSocketAddress, String> postgresUri(PostgresServer server) {
    return at -> Servers.url(server, at) + MORE;
  }

  static ServerControl mariaDb() {
    Optional<WallClock> clock = WallClock.create();
    MariaDbServerOptions options = MariaDbServer.options().set("max-connections", "400");
    clock.ifPresent(own -> own.environment().forEach(options::environment));
    MariaDbServer server = options.launch();
    return new JdbcControl(
        server, at -> Servers.url(server, at) + MORE, clock, Optional.empty(), Optional.empty());
  }

  /** MariaDB by MySQL's driver: for what goes by the driver. */
  static ServerControl mariaDbByMySqlDriver() {
    MariaDbServer server = MariaDbServer.options().set("max-connections", "400").launch();
    return ServerControl.of(server, at -> Servers.mysqlUrl(server, at) + MORE);
  }

  @Override
  public Set<Power> powers() {
    Set<Power> powers = EnumSet.copyOf(super.powers());
    if (standby.isPresent()) {
      powers.add(Power.PROMOTE);
    }
    return powers;
  }

  /** When all is replicated: what is not is the exception that CONTRACT.md, L1, declares. */
  @Override
  public void promote() {
    PostgresServer next = standby.orElseThrow();
    try {
      String written = ask(primary.orElseThrow(), "SELECT pg_current_wal_lsn()");
      Await.until(
          "the standby to have all",
          LONG,
          () -> ask(next, "SELECT pg_last_wal_replay_lsn() >= '" + written + "'").equals("t"));
      kill();
      ask(next, "SELECT pg_promote()");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    replaceBy(next);
  }

  private static String ask(PostgresServer server, String sql) throws SQLException {
    try (Connection connection = server.connect();
        var statement = connection.createStatement();
        var results = statement.executeQuery(sql)) {
      results.next();
      return results.getString(1);
    }
  }

  @Override
  public void close() throws Exception {
    standby.ifPresent(PostgresServer::close);
    super.close();
  }
}
