package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.PostgresServer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What a server with {@code log_statement=all} has written while something was done. */
final class PostgresLog {

  /**
   * What a connection says when it is opened, or looks for poolers on its way; and what PgBouncer
   * says before each statement of pgjdbc, whose date style it does not recognise in the server's.
   */
  private static final String GREETING =
      ".*(application_name|SHOW TRANSACTION"
          + " ISOLATION|extra_float_digits|pg_backend_pid|DateStyle).*|";

  private final PostgresServer server;

  PostgresLog(PostgresServer server) {
    this.server = server;
  }

  /** The statements in these lines, transaction control included. */
  static Stream<String> statements(List<String> lines) {
    return lines.stream()
        .filter(line -> line.matches(".*LOG: +(execute [^:]*|statement): .*"))
        .map(line -> line.replaceFirst(".*?LOG: +(execute [^:]*|statement): ", ""))
        .filter(statement -> !statement.matches(GREETING));
  }

  /** Statements that the server has run meanwhile. */
  List<String> statements(Database database, Runnable action) {
    return statements(lines(database, action)).toList();
  }

  /** What the server has written meanwhile. */
  List<String> lines(Database database, Runnable action) {
    String begin = mark(database);
    action.run();
    String end = mark(database);
    return Await.value(
        "the marks in the log",
        Duration.ofSeconds(20),
        () -> {
          List<String> lines = server.logLines();
          int from = indexOf(lines, begin);
          int to = indexOf(lines, end);
          return to < 0 ? Optional.empty() : Optional.of(lines.subList(from + 1, to));
        });
  }

  private static String mark(Database database) {
    String mark = "mark " + System.nanoTime();
    database.query("SELECT '" + mark + "'");
    return mark;
  }

  private static int indexOf(List<String> lines, String mark) {
    return IntStream.range(0, lines.size())
        .filter(i -> lines.get(i).contains(mark))
        .findFirst()
        .orElse(-1);
  }
}
