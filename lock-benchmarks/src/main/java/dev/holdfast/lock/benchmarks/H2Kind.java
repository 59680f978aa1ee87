package dev.holdfast.lock.benchmarks;

import dev.holdfast.lock.testkit.server.H2Server;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalLong;

/** H2 as a server, its data in a file; the limit is a merge and an update. */
final class H2Kind implements StoreKind {

  private static final String TABLE =
      "CREATE TABLE IF NOT EXISTS bench_limit"
          + " (name VARCHAR(255) PRIMARY KEY, owner VARCHAR(64), until TIMESTAMP WITH TIME ZONE)";

  private static final String TAKE =
      "MERGE INTO bench_limit b USING (SELECT CAST(? AS VARCHAR) n, CAST(? AS VARCHAR) o) w"
          + " ON b.name = w.n"
          + " WHEN MATCHED AND (b.owner IS NULL OR b.until < CURRENT_TIMESTAMP) THEN"
          + " UPDATE SET owner = w.o, until = DATEADD(SECOND, 15, CURRENT_TIMESTAMP)"
          + " WHEN NOT MATCHED THEN"
          + " INSERT VALUES (w.n, w.o, DATEADD(SECOND, 15, CURRENT_TIMESTAMP))";

  @Override
  public String name() {
    return "h2";
  }

  @Override
  public List<Contender> contenders() {
    return List.of(Contender.limit(H2Kind::limit), Contender.HOLDFAST);
  }

  private static Subject limit(String uri) throws SQLException {
    return new JdbcLimit(uri, TABLE, TAKE);
  }

  @Override
  public Server start() {
    return new Running(H2Server.launch());
  }

  private record Running(H2Server h2) implements Server {

    @Override
    public String description() {
      return h2.description();
    }

    @Override
    public String uri() {
      return h2.jdbcUrl() + ";USER=" + h2.user();
    }

    /** H2 counts statements only by text, and only the last hundred texts. */
    @Override
    public OptionalLong operations() {
      return OptionalLong.empty();
    }

    @Override
    public void close() {
      h2.close();
    }
  }
}
