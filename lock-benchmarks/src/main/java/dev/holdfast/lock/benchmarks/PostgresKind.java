package dev.holdfast.lock.benchmarks;

import dev.holdfast.lock.testkit.server.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** PostgreSQL with fsync on; the limit is an upsert and an update. */
final class PostgresKind implements StoreKind {

  private static final String TABLE =
      "CREATE TABLE IF NOT EXISTS bench_limit"
          + " (name varchar(255) PRIMARY KEY, owner varchar(64), until timestamptz)"
          + " WITH (fillfactor = 70)";

  private static final String TAKE =
      "INSERT INTO bench_limit AS b VALUES (?, ?, clock_timestamp() + interval '15 s')"
          + " ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until"
          + " WHERE b.owner IS NULL OR b.until < clock_timestamp()";

  /** Every statement of ours is a transaction. */
  private static final String COUNT =
      "SELECT sum(xact_commit + xact_rollback) FROM pg_stat_database";

  @Override
  public String name() {
    return "postgresql";
  }

  @Override
  public List<Contender> contenders() {
    return List.of(
        Contender.limit(uri -> new JdbcLimit(plain(uri), TABLE, TAKE)),
        Contender.HOLDFAST,
        new Contender("Spring", uri -> SpringSubject.onPostgres(plain(uri))),
        new Contender("ShedLock", uri -> ShedLockSubject.onPostgres(plain(uri))));
  }

  private static String plain(String uri) {
    return uri.replace("&holdfast.createSchema=true", "");
  }

  @Override
  public Server start() {
    return new Running(PostgresServer.launch());
  }

  private record Running(PostgresServer postgres) implements Server {

    @Override
    public String description() {
      return postgres.description();
    }

    @Override
    public String uri() {
      return "%s?user=%s&password=%s&holdfast.createSchema=true"
          .formatted(postgres.jdbcUrl(), postgres.user(), postgres.password());
    }

    @Override
    public OptionalLong operations() throws SQLException {
      try (Connection connection = postgres.connect();
          var statement = connection.createStatement();
          var count = statement.executeQuery(COUNT)) {
        count.next();
        return OptionalLong.of(count.getLong(1));
      }
    }

    /** A session that falls idle keeps its last counts to itself for 10 s. */
    @Override
    public Duration counterDelay() {
      return Duration.ofSeconds(11);
    }

    @Override
    public void close() {
      postgres.close();
    }
  }
}
