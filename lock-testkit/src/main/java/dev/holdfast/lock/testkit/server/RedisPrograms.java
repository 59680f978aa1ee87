package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the programs of Redis or Valkey on the PATH. */
final class RedisPrograms {

  private RedisPrograms() {}

  /** The first of these programs that is installed. */
  static Optional<String> find(String... names) {
    return Stream.of(names)
        .flatMap(name -> Commands.path().map(folder -> folder.resolve(name)))
        .filter(Files::isExecutable)
        .findFirst()
        .map(Path::toString);
  }

  static Optional<String> server() {
    return find("redis-server", "valkey-server");
  }

  /** {@code Redis 7.0.15 from PATH (/usr/bin/redis-server)}. */
  static String describe(String program) {
    try {
      // Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=d81b8ff71cfb150e
      String printed = Commands.run(Path.of("/"), List.of(program, "--version"));
      String version = printed.strip().replaceAll("(?s)^(\\S+).* v=(\\S+).*", "$1 $2");
      return version + " from " + ServerSource.PATH + " (" + program + ")";
    } catch (IOException e) {
      throw new UncheckedIOException("cannot ask for the version of " + program, e);
    }
  }
}
