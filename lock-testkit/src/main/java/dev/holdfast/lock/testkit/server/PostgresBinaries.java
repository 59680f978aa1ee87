package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A folder with {@code postgres} and {@code initdb}, and where it came from. */
record PostgresBinaries(Path bin, ServerSource source) {

  private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

  /** What is installed: first on the PATH, then the newest where Debian hides it. */
  static Optional<PostgresBinaries> installed() {
    return Stream.concat(Commands.path(), debian())
        .filter(PostgresBinaries::isComplete)
        .findFirst()
        .map(folder -> new PostgresBinaries(realFolder(folder), ServerSource.PATH));
  }

  private static boolean isComplete(Path folder) {
    return Files.isExecutable(folder.resolve("postgres"))
        && Files.isExecutable(folder.resolve("initdb"));
  }

  private static Stream<Path> debian() {
    try (Stream<Path> versions = Files.list(DEBIAN)) {
      return versions
          .sorted(Comparator.comparingInt(PostgresBinaries::major).reversed())
          .map(version -> version.resolve("bin"))
          .toList()
          .stream();
    } catch (IOException e) {
      return Stream.empty();
    }
  }

  private static int major(Path folder) {
    String name = folder.getFileName().toString();
    return name.matches("\\d{1,4}") ? Integer.parseInt(name) : 0;
  }

  private static Path realFolder(Path folder) {
    try {
      Path parent = folder.resolve("postgres").toRealPath().getParent();
      return parent == null ? folder : parent;
    } catch (IOException e) {
      return folder;
    }
  }

  String program(String name) {
    return bin.resolve(name).toString();
  }

  /** {@code PostgreSQL 15.18 from PATH (/usr/lib/postgresql/15/bin)}. */
  String describe(String where) {
    try {
      // postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
      String printed = Commands.run(bin, List.of(program("postgres"), "--version"));
      String version = printed.strip().replaceAll("^\\S+ \\S+ (\\S+).*", "$1");
      return "PostgreSQL " + version + " from " + source + " (" + where + ")";
    } catch (IOException e) {
      throw new UncheckedIOException("cannot ask for the version of " + bin, e);
    }
  }
}
