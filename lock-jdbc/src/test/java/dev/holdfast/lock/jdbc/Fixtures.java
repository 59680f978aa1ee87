package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.H2Server;
import dev.holdfast.lock.testkit.server.MariaDbServer;
import dev.holdfast.lock.testkit.server.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The databases that the contract is run on. */
final class Fixtures {

  private Fixtures() {}

  static JdbcFixture h2InMemory() {
    return new JdbcFixture("jdbc:h2:mem:contract;DB_CLOSE_DELAY=-1");
  }

  static JdbcFixture h2Server() {
    H2Server server = Servers.h2();
    FaultProxy proxy = JdbcFixture.proxyTo(server);
    return new JdbcFixture(
        Database.at(Servers.url(server)), server, proxy, Servers.url(server, proxy.address()));
  }

  static JdbcFixture postgres() {
    PostgresServer server = Contract.SERVER;
    FaultProxy proxy = JdbcFixture.proxyTo(server);
    return new Postgres(server, proxy);
  }

  /** MariaDB by its own driver. */
  static JdbcFixture mariaDb() {
    MariaDbServer server = Servers.mariaDb();
    FaultProxy proxy = JdbcFixture.proxyTo(server);
    return new MariaDb(server, proxy, Servers.url(server), Servers.url(server, proxy.address()));
  }

  /** MariaDB by MySQL's driver. */
  static JdbcFixture mariaDbByMySqlDriver() {
    MariaDbServer server = Servers.mariaDb();
    FaultProxy proxy = JdbcFixture.proxyTo(server);
    return new MariaDb(
        server, proxy, Servers.mysqlUrl(server), Servers.mysqlUrl(server, proxy.address()));
  }

  /** Any database, of which no more is known than its URL. */
  static JdbcFixture at(String url) {
    return new JdbcFixture(url) {
      @Override
      String sessions() {
        return "";
      }
    };
  }

  /** Writes all statements into its log, where they are counted. */
  private static final class Contract {
    static final PostgresServer SERVER =
        PostgresServer.options().set("log_statement", "all").launch();
  }

  private static final class Postgres extends JdbcFixture {

    private final PostgresServer server;

    Postgres(PostgresServer server, FaultProxy proxy) {
      super(Database.at(Servers.url(server)), server, proxy, Servers.url(server, proxy.address()));
      this.server = server;
    }

    @Override
    String sessions() {
      return "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'holdfast'";
    }

    @Override
    boolean isChatty() {
      return false;
    }

    @Override
    public OptionalLong operations() {
      return OptionalLong.of(
          server.logLines().stream()
              .filter(line -> line.matches(".*LOG: +(execute [^:]*|statement): .*"))
              .filter(line -> !line.matches(".*(application_name|SHOW TRANSACTION).*"))
              .count());
    }
  }

  private static final class MariaDb extends JdbcFixture {

    /** What clients send; SHOW, by which this is asked, is not among it. */
    private static final Set<String> COUNTED =
        Set.of(
            "Com_select",
            "Com_update",
            "Com_insert",
            "Com_insert_select",
            "Com_delete",
            "Com_delete_multi",
            "Com_set_option",
            "Com_commit",
            "Com_rollback");

    private @Nullable Connection counter;

    MariaDb(MariaDbServer server, FaultProxy proxy, String direct, String faulty) {
      super(Database.at(direct), server, proxy, faulty);
    }

    @Override
    String sessions() {
      return "SELECT count(*) - 1 FROM information_schema.processlist WHERE user = 'holdfast'";
    }

    @Override
    boolean isChatty() {
      return false;
    }

    /** Over one connection, as drivers send statements of their own at login. */
    @Override
    public OptionalLong operations() throws SQLException {
      Connection open = counter;
      if (open == null || !open.isValid(1)) { // a test has restarted the server
        open = direct.connect();
        counter = open;
      }
      long count = 0;
      try (var statement = open.createStatement();
          var results = statement.executeQuery("SHOW GLOBAL STATUS LIKE 'Com_%'")) {
        while (results.next()) {
          count += COUNTED.contains(results.getString(1)) ? results.getLong(2) : 0;
        }
      }
      return OptionalLong.of(count);
    }

    @Override
    public void close() {
      if (counter != null) {
        Connections.closeQuietly(counter);
      }
      super.close();
    }
  }
}
