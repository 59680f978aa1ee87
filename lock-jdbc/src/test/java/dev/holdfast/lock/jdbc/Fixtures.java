package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.H2Server;
import dev.holdfast.lock.testkit.server.PostgresServer;
import java.util.OptionalLong;

/** The three databases that the contract is run on. */
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
    String liveGrants() {
      return super.liveGrants().replace("CURRENT_TIMESTAMP", "clock_timestamp()");
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
}
