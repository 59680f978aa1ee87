package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;

/** A PostgreSQL whose data is a copy of another's, which it follows. */
final class PostgresStandby implements ServerRecipe {

  private final PostgresServer primary;
  private final PostgresBinaries binaries;
  private final PostgresRecipe recipe;
  private final Unprivileged user;

  private PostgresStandby(PostgresServer primary, PostgresBinaries binaries, Unprivileged user) {
    this.primary = primary;
    this.binaries = binaries;
    this.user = user;
    Map<String, String> settings = PostgresServerOptions.complete(Map.of("max_connections", "200"));
    this.recipe =
        new PostgresRecipe(binaries, binaries.bin() + ", standby", settings, Map.of(), user);
  }

  static TestServer start(PostgresServer primary) {
    PostgresBinaries binaries =
        PostgresBinaries.installed()
            .filter(found -> Files.isExecutable(found.bin().resolve("pg_basebackup")))
            .orElseThrow(
                () ->
                    new ServerUnavailableException(
                        "no pg_basebackup beside an installed postgres; apt-get install"
                            + " postgresql"));
    return ServerProcess.start(new PostgresStandby(primary, binaries, Unprivileged.find()));
  }

  @Override
  public String name() {
    return recipe.name();
  }

  @Override
  public String description() {
    return recipe.description();
  }

  @Override
  public void prepare(ServerHome home) throws IOException {
    user.give(home.folder());
    String from =
        "host=%s port=%d user=%s password=%s"
            .formatted(primary.host(), primary.port(), primary.user(), primary.password());
    List<String> backup =
        List.of(
            binaries.program("pg_basebackup"),
            "--pgdata=" + home.data(),
            "--dbname=" + from,
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--no-sync");
    Commands.run(home.folder(), user.wrap(backup));
  }

  @Override
  public List<String> command(ServerHome home) {
    return recipe.command(home);
  }

  @Override
  public boolean isHealthy(ServerHome home, long root) {
    return recipe.isHealthy(home, root);
  }

  @Override
  public long pid(ServerHome home, long root) {
    return recipe.pid(home, root);
  }

  @Override
  public String stopSignal() {
    return recipe.stopSignal();
  }

  @Override
  public void sweep(ServerHome home) {
    recipe.sweep(home);
  }
}
