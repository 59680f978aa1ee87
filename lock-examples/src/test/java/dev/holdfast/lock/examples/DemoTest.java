package dev.holdfast.lock.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The demo, played for real. */
class DemoTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void demo_onH2_passesAndLeavesNothing() throws IOException {
    Set<Path> before = leftovers();
    assertThat(demo()).as(this::printed).isZero();
    assertThat(printed())
        .contains("kill -9", "SIGSTOP", "its first isHeld() is false", "goes silent")
        .containsPattern("told \\d+\\.\\d\\d s before the next grant")
        .contains("overlaps: 0\n", "PASSED")
        // 9 belong to the plot; one who waits may begin once more before it is told to stop
        .containsPattern(": (9|\\d\\d) accepted, 1 rejected");
    assertThat(Files.readString(Demo.PICTURE)).contains("Holdfast demo", "network silent");
    assertThat(leftovers()).isEqualTo(before);
    assertThat(ProcessHandle.current().descendants()).isEmpty();
  }

  @Test
  void demo_locksThatExcludeNobody_failsAndSaysSo() {
    assertThat(demo("separate:")).as(this::printed).isEqualTo(Demo.FAILED);
    assertThat(printed())
        .contains("FAILED")
        .containsPattern("overlaps: [1-9]")
        .contains("OVERLAP: '" + Demo.JOB + "' was granted to");
  }

  @Test
  void demo_badArguments_saysWhatIsWrong() {
    assertThat(demo("memory:")).isEqualTo(Demo.USAGE);
    assertThat(demo("no-such-store://host")).isEqualTo(Demo.USAGE);
    assertThat(demo("--fast")).isEqualTo(Demo.USAGE);
    assertThat(demo("--help")).isZero();
    assertThat(printed()).contains("cannot share it", "no-such-store", "usage: demo");
  }

  @Test
  void demo_storeIsDown_saysSoAndDoesNotBegin() {
    assertThat(demo("jdbc:h2:tcp://127.0.0.1:1/nobody;USER=sa;PASSWORD=geheim"))
        .isEqualTo(Demo.USAGE);
    assertThat(printed()).contains("127.0.0.1:1").doesNotContain("geheim");
  }

  private int demo(String... args) {
    return Demo.run(new DemoScreen(new PrintStream(out, true, UTF_8)), args);
  }

  private String printed() {
    return out.toString(UTF_8).replace("\r\n", "\n");
  }

  private static Set<Path> leftovers() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("holdfast-demo-"))
          .collect(Collectors.toSet());
    }
  }
}
