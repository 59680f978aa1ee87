package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.PgBouncerServer;
import dev.holdfast.lock.testkit.server.PostgresServer;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * PostgreSQL behind PgBouncer in transaction mode: clients come through a proxy and the pooler. The
 * pooler's sessions stay when clients go, so those are counted at the proxy.
 */
final class PgBouncerFixture extends JdbcFixture {

  /** Writes all statements into its log, where they are counted. */
  private static final class Store {
    static final PostgresServer SERVER =
        PostgresServer.options().set("log_statement", "all").launch();
    static final PgBouncerServer POOLER = PgBouncerServer.before(SERVER);
  }

  private final FaultProxy way;

  PgBouncerFixture() {
    this(FaultProxy.to(Store.POOLER.address()));
  }

  private PgBouncerFixture(FaultProxy way) {
    super(
        Database.at(Servers.url(Store.SERVER)),
        Store.SERVER,
        way,
        Servers.login(Store.POOLER.jdbcUrl(way.address()), Store.SERVER));
    this.way = way;
  }

  @Override
  public Optional<String> uri() {
    return Optional.of(
        Servers.login(Store.POOLER.jdbcUrl(), Store.SERVER)
            + "&holdfast.table="
            + direct.table()
            + "&holdfast.createSchema=true");
  }

  @Override
  String sessions() {
    return "SELECT 0";
  }

  @Override
  boolean isChatty() {
    return false;
  }

  @Override
  public OptionalLong operations() {
    return OptionalLong.of(PostgresLog.statements(Store.SERVER.logLines()).count());
  }

  @Override
  public void close() {
    Await.until("the end of all", Duration.ofSeconds(10), () -> way.openConnections() == 0);
    super.close();
  }
}
