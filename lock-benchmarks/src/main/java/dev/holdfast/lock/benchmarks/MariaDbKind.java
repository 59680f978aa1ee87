package dev.holdfast.lock.benchmarks;

import dev.holdfast.lock.testkit.server.MariaDbServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalLong;

/** MariaDB with each commit on the disk; the limit is two updates. */
final class MariaDbKind implements StoreKind {

  private static final String TABLE =
      "CREATE TABLE IF NOT EXISTS bench_limit"
          + " (name varchar(255) PRIMARY KEY, owner varchar(64), until datetime(6))"
          + " ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

  private static final String INSERT = "INSERT INTO bench_limit (name) VALUES (?)";

  private static final String TAKE =
      "UPDATE bench_limit SET owner = ?, until = UTC_TIMESTAMP(6) + INTERVAL 15 SECOND"
          + " WHERE name = ? AND (owner IS NULL OR until < UTC_TIMESTAMP(6))";

  @Override
  public String name() {
    return "mariadb";
  }

  @Override
  public List<Contender> contenders() {
    return List.of(
        Contender.limit(uri -> new JdbcLimit(plain(uri), TABLE, INSERT, TAKE)),
        Contender.HOLDFAST,
        new Contender("Spring", uri -> SpringSubject.onMySql(plain(uri))),
        new Contender("ShedLock", uri -> ShedLockSubject.onMySql(plain(uri))));
  }

  private static String plain(String uri) {
    return uri.replace("&holdfast.createSchema=true", "");
  }

  @Override
  public Server start() {
    return new Running(MariaDbServer.launch());
  }

  private record Running(MariaDbServer mariaDb) implements Server {

    @Override
    public String description() {
      return mariaDb.description();
    }

    @Override
    public String uri() {
      return "%s&user=%s&password=%s&holdfast.createSchema=true"
          .formatted(mariaDb.jdbcUrl(), mariaDb.user(), mariaDb.password());
    }

    @Override
    public OptionalLong operations() throws SQLException {
      try (Connection connection = mariaDb.connect();
          var statement = connection.createStatement();
          var count = statement.executeQuery("SHOW GLOBAL STATUS LIKE 'Questions'")) {
        count.next();
        return OptionalLong.of(count.getLong(2));
      }
    }

    @Override
    public void close() {
      mariaDb.close();
    }
  }
}
