package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** How to run PgBouncer in transaction mode before a PostgreSQL. */
final class PgBouncerRecipe implements ServerRecipe {

  static final String PROGRAM = "pgbouncer";

  /** Where Debian has it, which is on the PATH of root alone. */
  private static final Path DEBIAN = Path.of("/usr/sbin");

  private static final String CONFIGURATION =
      """
      [databases]
      * = host=%s port=%d

      [pgbouncer]
      listen_addr = %s
      listen_port = %d
      unix_socket_dir =
      auth_type = scram-sha-256
      auth_file = users.txt
      pool_mode = transaction
      max_client_conn = 500
      default_pool_size = 20
      ; a parameter that pgjdbc may send at login
      ignore_startup_parameters = extra_float_digits
      ; 15 s by default: after a restart of the database nobody would get in for so long
      server_login_retry = 1
      """;

  private final Path program;
  private final PostgresServer database;
  private final Unprivileged user;

  PgBouncerRecipe(Path program, PostgresServer database, Unprivileged user) {
    this.program = program;
    this.database = database;
    this.user = user;
  }

  static Optional<Path> installed() {
    return Stream.concat(Commands.path(), Stream.of(DEBIAN))
        .map(folder -> folder.resolve(PROGRAM))
        .filter(Files::isExecutable)
        .findFirst();
  }

  @Override
  public String name() {
    return PROGRAM;
  }

  @Override
  public String description() {
    try {
      // PgBouncer 1.18.0, and lines about libraries
      String printed = Commands.run(Path.of("/"), List.of(program.toString(), "--version"));
      return printed.lines().findFirst().orElse(PROGRAM) + " from " + ServerSource.PATH;
    } catch (IOException e) {
      return PROGRAM + " from " + ServerSource.PATH;
    }
  }

  @Override
  public void prepare(ServerHome home) throws IOException {
    Files.writeString(
        home.folder().resolve("pgbouncer.ini"),
        CONFIGURATION.formatted(database.host(), database.port(), ServerHome.HOST, home.port()));
    // in clear: PgBouncer logs in to the database with it
    Files.writeString(
        home.folder().resolve("users.txt"),
        "\"%s\" \"%s\"%n".formatted(database.user(), database.password()));
    user.give(home.folder());
  }

  @Override
  public List<String> command(ServerHome home) {
    return user.wrap(
        List.of(program.toString(), home.folder().resolve("pgbouncer.ini").toString()));
  }

  @Override
  public boolean isHealthy(ServerHome home, long root) {
    return home.accepts();
  }
}
