package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.server.H2Server;
import dev.holdfast.lock.testkit.server.MariaDbServer;
import dev.holdfast.lock.testkit.server.PostgresServer;
import java.net.InetSocketAddress;

/** One server of each kind for all tests of this JVM that leave it alone; ended with the JVM. */
final class Servers {

  private Servers() {}

  private static final class Postgres {
    static final PostgresServer SERVER = PostgresServer.launch();
  }

  private static final class H2 {
    static final H2Server SERVER = H2Server.launch();
  }

  private static final class MariaDb {
    static final MariaDbServer SERVER = MariaDbServer.launch();
  }

  static PostgresServer postgres() {
    return Postgres.SERVER;
  }

  static H2Server h2() {
    return H2.SERVER;
  }

  static MariaDbServer mariaDb() {
    return MariaDb.SERVER;
  }

  static String url(PostgresServer server) {
    return login(server.jdbcUrl(), server);
  }

  static String url(PostgresServer server, InetSocketAddress proxy) {
    return login(server.jdbcUrl(proxy), server);
  }

  static String url(H2Server server) {
    return server.jdbcUrl() + ";USER=" + server.user();
  }

  static String url(H2Server server, InetSocketAddress proxy) {
    return server.jdbcUrl(proxy) + ";USER=" + server.user();
  }

  static String login(String url, PostgresServer server) {
    return url
        + (url.contains("?") ? "&" : "?")
        + "user="
        + server.user()
        + "&password="
        + server.password();
  }

  /** For MariaDB's driver. */
  static String url(MariaDbServer server) {
    return login(server.jdbcUrl(), server);
  }

  static String url(MariaDbServer server, InetSocketAddress proxy) {
    return login(server.jdbcUrl(proxy), server);
  }

  /** For MySQL's driver. */
  static String mysqlUrl(MariaDbServer server) {
    return login(server.mysqlUrl(), server);
  }

  static String mysqlUrl(MariaDbServer server, InetSocketAddress proxy) {
    return login(server.mysqlUrl(proxy), server);
  }

  private static String login(String url, MariaDbServer server) {
    return url + "&user=" + server.user() + "&password=" + server.password();
  }
}
