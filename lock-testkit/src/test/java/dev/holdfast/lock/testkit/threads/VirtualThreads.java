package dev.holdfast.lock.testkit.threads;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/** Virtual threads by reflection, for the tests are compiled for Java 17. */
final class VirtualThreads {

  private static final int FIRST = 21;

  private VirtualThreads() {}

  /** Runs every task on a virtual thread of its own. */
  static ExecutorService executor() throws ReflectiveOperationException {
    return (ExecutorService)
        Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
  }

  /** A Java that has virtual threads: this one, or one that is installed beside it. */
  static Optional<Path> javaHome() throws IOException {
    Path own = Path.of(System.getProperty("java.home"));
    if (Runtime.version().feature() >= FIRST) {
      return Optional.of(own);
    }
    try (Stream<Path> beside = Files.list(own.toRealPath().getParent())) {
      List<Path> candidates = beside.sorted().filter(VirtualThreads::hasThem).toList();
      return candidates.stream().reduce((first, last) -> last);
    }
  }

  private static boolean hasThem(Path home) {
    Path release = home.resolve("release");
    if (!Files.isExecutable(home.resolve("bin/java")) || !Files.isReadable(release)) {
      return false;
    }
    Properties properties = new Properties();
    try (var reader = Files.newBufferedReader(release)) {
      properties.load(reader);
      String version = properties.getProperty("JAVA_VERSION", "").replace("\"", "");
      return !version.isEmpty() && Runtime.Version.parse(version).feature() >= FIRST;
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }
}
