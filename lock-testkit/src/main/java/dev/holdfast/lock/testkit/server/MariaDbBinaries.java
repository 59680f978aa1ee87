package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The programs of one MariaDB, and where they came from.
 *
 * @param base the folder to be told to them; empty if they know it
 */
record MariaDbBinaries(Path server, Path installer, Optional<Path> base, ServerSource source) {

  /** Debian's place for the server, which users' PATH lacks. */
  private static final Path SBIN = Path.of("/usr/sbin");

  static Optional<MariaDbBinaries> installed() {
    Optional<Path> server = program("mariadbd");
    Optional<Path> installer = program("mariadb-install-db");
    return server.isPresent() && installer.isPresent()
        ? Optional.of(
            new MariaDbBinaries(server.get(), installer.get(), Optional.empty(), ServerSource.PATH))
        : Optional.empty();
  }

  private static Optional<Path> program(String name) {
    return Stream.concat(Commands.path(), Stream.of(SBIN))
        .map(folder -> folder.resolve(name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** {@code MariaDB 10.11.19 from PATH (/usr/sbin/mariadbd)}. */
  String describe(String where) {
    try {
      // mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)
      List<String> command = List.of(server.toString(), "--no-defaults", "--version");
      String printed = Commands.run(Path.of("/"), command);
      String version = printed.strip().replaceAll("(?s)^.* Ver ([0-9.]+).*", "$1");
      return "MariaDB " + version + " from " + source + " (" + where + ")";
    } catch (IOException e) {
      throw new UncheckedIOException("cannot ask for the version of " + server, e);
    }
  }
}
