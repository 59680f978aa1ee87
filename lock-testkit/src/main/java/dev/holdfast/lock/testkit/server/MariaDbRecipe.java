package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How to run MariaDB from its programs, wherever those came from.
 *
 * <p>Health is read from its log, by the process id that each start writes there: asking by a
 * connection would leave warnings in the log, where tests look for those of clients.
 */
final class MariaDbRecipe implements ServerRecipe {

  /** How the empty data folder is made: not synced, though the server itself syncs all. */
  static final List<String> INSTALL =
      List.of(
          "--skip-test-db",
          "--auth-root-authentication-method=normal",
          "--innodb-log-file-size=16M",
          "--innodb-flush-method=nosync");

  /** What the server runs at each start, before it takes connections. */
  static final String INIT_SQL =
      """
      CREATE DATABASE IF NOT EXISTS %1$s;
      CREATE USER IF NOT EXISTS '%1$s'@'%%' IDENTIFIED BY '%2$s';
      GRANT ALL ON *.* TO '%1$s'@'%%' WITH GRANT OPTION;
      """
          .formatted(MariaDbServer.USER, MariaDbServer.PASSWORD);

  private static final Pattern START = Pattern.compile(" as process (\\d{1,18})");
  private static final String READY = "ready for connections";

  private final MariaDbBinaries binaries;
  private final String description;
  private final Map<String, String> settings;
  private final Map<String, String> environment;
  private final Unprivileged user;

  MariaDbRecipe(
      MariaDbBinaries binaries,
      String where,
      Map<String, String> settings,
      Map<String, String> environment,
      Unprivileged user) {
    this.binaries = binaries;
    this.description = binaries.describe(where);
    this.settings = settings;
    this.environment = environment;
    this.user = user;
  }

  @Override
  public String name() {
    return "mariadb";
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public void prepare(ServerHome home) throws IOException {
    Files.createDirectories(home.data());
    Files.writeString(init(home), INIT_SQL);
    user.give(home.folder());
    List<String> install = new ArrayList<>(List.of(binaries.installer().toString()));
    install.add("--no-defaults");
    binaries.base().ifPresent(base -> install.add("--basedir=" + base));
    install.add("--datadir=" + home.data());
    install.addAll(INSTALL);
    Commands.run(home.folder(), user.wrap(install));
  }

  private static Path init(ServerHome home) {
    return home.folder().resolve("init.sql");
  }

  @Override
  public List<String> command(ServerHome home) {
    List<String> command = new ArrayList<>(List.of(binaries.server().toString(), "--no-defaults"));
    binaries.base().ifPresent(base -> command.add("--basedir=" + base));
    command.add("--datadir=" + home.data());
    command.add("--init-file=" + init(home));
    command.add("--bind-address=" + ServerHome.HOST);
    command.add("--port=" + home.port());
    // a path of at most 107 bytes
    command.add("--socket=" + home.folder().resolve("s"));
    command.add("--pid-file=" + home.data().resolve("pid"));
    command.add("--skip-log-bin");
    command.add("--skip-name-resolve");
    settings.forEach((name, value) -> command.add("--" + name + "=" + value));
    return user.wrap(command);
  }

  @Override
  public Map<String, String> environment() {
    return environment;
  }

  @Override
  public boolean isHealthy(ServerHome home, long root) {
    List<String> lines = home.logLines();
    for (int i = lines.size() - 1; i >= 0; i--) {
      Matcher start = START.matcher(lines.get(i));
      if (start.find()) {
        boolean ready = lines.subList(i, lines.size()).stream().anyMatch(l -> l.contains(READY));
        return ready && isInTree(Long.parseLong(start.group(1)), root);
      }
    }
    return false;
  }

  @Override
  public long pid(ServerHome home, long root) {
    return home.logLines().stream()
        .map(START::matcher)
        .filter(Matcher::find)
        .map(start -> Long.valueOf(start.group(1)))
        .filter(pid -> isInTree(pid, root))
        .reduce((first, last) -> last)
        .orElse(root);
  }

  /** The log tells of the processes of former starts, too. */
  private static boolean isInTree(long pid, long root) {
    return pid == root
        || ProcessHandle.of(root).stream()
            .flatMap(ProcessHandle::descendants)
            .anyMatch(child -> child.pid() == pid);
  }
}
