package dev.holdfast.lock.testkit.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.lock.testkit.process.WorkerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** H-76: thousands of virtual threads on two carriers, in a JVM that was started so. */
class VirtualThreadsTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static String run(String what) throws Exception {
    Optional<Path> java = VirtualThreads.javaHome();
    assumeTrue(
        java.isPresent(),
        "skipped: needs a Java with virtual threads (21 or later), and finds none beside "
            + System.getProperty("java.home"));
    try (WorkerProcess worker =
        WorkerProcess.builder(VirtualThreadsWorker.class.getName())
            .javaHome(java.get())
            .jvmOptions(
                "-Xmx512m",
                "-Djdk.virtualThreadScheduler.parallelism=2",
                "-Djdk.virtualThreadScheduler.maxPoolSize=2",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
            .arguments(what)
            .start()) {
      return worker.awaitLine(line -> line.startsWith("done "), LIMIT);
    }
  }

  /** Ten thousand of them queue for a hundred names, and another thread releases. */
  @ParameterizedTest
  @ValueSource(strings = {"queue", "polled", "blocking"})
  void acquire_byTenThousandVirtualThreads_pinsNoCarrier(String mode) throws Exception {
    String done = run(mode);
    System.out.println("[threads] " + mode + ": " + done);
    assertThat(done).contains("pairs=10000 ").contains("overlaps=0 ").contains("pinned=0 ");
  }

  /** The same through the reentrant adapter, whose thread unlocks itself. */
  @Test
  void lock_byTenThousandVirtualThreads_pinsNoCarrier() throws Exception {
    String done = run("reentrant");
    System.out.println("[threads] reentrant: " + done);
    assertThat(done).contains("pairs=10000 ").contains("overlaps=0 ").contains("pinned=0 ");
  }

  /** What the others look for is seen where it happens. */
  @Test
  void pinning_onPurpose_isSeen() throws Exception {
    assertThat(run("pin")).matches(".* pinned=[1-9].*");
  }
}
