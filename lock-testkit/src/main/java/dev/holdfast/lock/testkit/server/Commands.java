package dev.holdfast.lock.testkit.server;

import dev.holdfast.lock.testkit.process.ChildProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Runs small programs to their end and finds them on the PATH. */
final class Commands {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Commands() {}

  /** Runs a command and returns what it printed, both streams. */
  static String run(Path workingFolder, List<String> command) throws IOException {
    Path out = Files.createTempFile("holdfast-", ".out");
    try (ChildProcess child = ChildProcess.start(quiet(workingFolder, command, out))) {
      boolean ended = child.awaitExit(LIMIT);
      String printed = Files.readString(out);
      if (!ended || child.exitCode().orElse(-1) != 0) {
        String how = ended ? "exit code " + child.exitCode().orElse(-1) : "no end in " + LIMIT;
        throw new IOException(how + " from " + command + ": " + printed);
      }
      return printed;
    } finally {
      Files.deleteIfExists(out);
    }
  }

  /** Whether a command can be run and ends well. */
  static boolean succeeds(List<String> command) {
    try {
      run(Path.of("/"), command);
      return true;
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  /** A process whose both streams are appended to {@code out}. */
  static ProcessBuilder quiet(Path workingFolder, List<String> command, Path out) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    return builder
        .directory(workingFolder.toFile())
        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()));
  }

  /** The folders of the PATH, in order. */
  static Stream<Path> path() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Arrays.stream(path.split(File.pathSeparator)).filter(f -> !f.isEmpty()).map(Path::of);
  }

  /** Whether a program of this name is on the PATH. */
  static boolean exists(String program) {
    return path().anyMatch(folder -> Files.isExecutable(folder.resolve(program)));
  }
}
