package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How to run PostgreSQL from a folder of programs, wherever that came from.
 *
 * <p>Health is read from {@code postmaster.pid}, as {@code pg_ctl} does: asking by a connection
 * would put errors into the server's log while it recovers, and tests count those.
 */
final class PostgresRecipe implements ServerRecipe {

  private static final int SHARED_MEMORY_LINE = 6;
  private static final int STATUS_LINE = 7;
  private static final Set<String> SERVING = Set.of("ready", "standby");

  private final PostgresBinaries binaries;
  private final String description;
  private final Map<String, String> settings;
  private final Map<String, String> environment;
  private final Unprivileged user;

  PostgresRecipe(
      PostgresBinaries binaries,
      String where,
      Map<String, String> settings,
      Map<String, String> environment,
      Unprivileged user) {
    this.user = user;
    this.environment = environment;
    this.binaries = binaries;
    this.description = binaries.describe(where);
    this.settings = settings;
  }

  @Override
  public String name() {
    return "postgres";
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public void prepare(ServerHome home) throws IOException {
    Path password = Files.writeString(home.folder().resolve("password"), PostgresServer.PASSWORD);
    user.give(home.folder());
    List<String> initdb =
        List.of(
            binaries.program("initdb"),
            "--pgdata=" + home.data(),
            "--username=" + PostgresServer.USER,
            "--pwfile=" + password,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            // only for the empty data folder; the server itself runs with fsync on
            "--no-sync");
    Commands.run(home.folder(), user.wrap(initdb));
  }

  @Override
  public List<String> command(ServerHome home) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(binaries.program("postgres"), "-D", home.data().toString()));
    command.addAll(List.of("-p", Integer.toString(home.port())));
    settings.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    return user.wrap(command);
  }

  @Override
  public Map<String, String> environment() {
    return environment;
  }

  @Override
  public boolean isHealthy(ServerHome home, long root) {
    List<String> lines = pidFile(home);
    return lines.size() > STATUS_LINE
        && SERVING.contains(lines.get(STATUS_LINE).strip())
        && isInTree(postmaster(lines), root);
  }

  @Override
  public long pid(ServerHome home, long root) {
    long postmaster = postmaster(pidFile(home));
    return isInTree(postmaster, root) ? postmaster : root;
  }

  /** A stale file names a process of the past. */
  private static boolean isInTree(long pid, long root) {
    return pid == root
        || ProcessHandle.of(root).stream()
            .flatMap(ProcessHandle::descendants)
            .anyMatch(child -> child.pid() == pid);
  }

  private static long postmaster(List<String> pidFile) {
    String first = pidFile.isEmpty() ? "" : pidFile.get(0).strip();
    return first.matches("\\d{1,18}") ? Long.parseLong(first) : 0;
  }

  @Override
  public String stopSignal() {
    return "INT"; // the fast shutdown: TERM would wait for clients to go
  }

  @Override
  public void sweep(ServerHome home) {
    // a killed server leaves its System V segment, and only the pid file knows its number
    List<String> lines = pidFile(home);
    Optional<String> segment =
        lines.size() > SHARED_MEMORY_LINE
            ? Optional.of(lines.get(SHARED_MEMORY_LINE).strip().replaceAll(".*\\s", ""))
            : Optional.empty();
    segment
        .filter(id -> id.matches("\\d+"))
        .ifPresent(id -> Commands.succeeds(List.of("ipcrm", "-m", id)));
  }

  private static List<String> pidFile(ServerHome home) {
    try {
      return Files.readAllLines(home.data().resolve("postmaster.pid"));
    } catch (IOException e) {
      return List.of();
    }
  }
}
