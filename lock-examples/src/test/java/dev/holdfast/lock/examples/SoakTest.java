package dev.holdfast.lock.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.testkit.server.H2Server;
import dev.holdfast.lock.testkit.soak.SoakCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Short soaks, for real: that they pass what is right and catch what is broken. */
@Timeout(240)
class SoakTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @TempDir private Path folder;

  private int soak(String... args) {
    PrintStream screen = new PrintStream(out, true, UTF_8);
    String[] all = java.util.Arrays.copyOf(args, args.length + 2);
    all[args.length] = "--out";
    all[args.length + 1] = folder.toString();
    return new SoakCommand(screen, SoakStores.NAMES, SoakStores::start).run(all);
  }

  private String printed() {
    return out.toString(UTF_8).replace("\r\n", "\n");
  }

  /** With a long lease, and so a wide margin: this must pass on a machine that is busy as well. */
  @Test
  void soak_onH2_passes_drawsItAndLeavesNothing() throws IOException {
    assertThat(soak("h2", "0.45", "4", "--lease", "4", "--processes", "3", "--locks", "2"))
        .as(this::printed)
        .isZero();
    assertThat(printed()).contains("PASSED", " 0 findings").containsPattern("[1-9]\\d* grants");
    assertThat(Files.readString(folder.resolve("picture.html")))
        .contains("Soak of H2", "\"good\":true");
    assertThat(ProcessHandle.current().descendants()).isEmpty();
  }

  /** With a short lease and many locks, so that each storm costs some of them. */
  @Test
  void soak_backendThatTrustsALittleTooLong_isCaughtWithinAMinute() {
    try (H2Server h2 = H2Server.launch()) {
      String uri = "generous:" + h2.jdbcUrl() + ";USER=" + h2.user();
      int code = soak(uri, "1", "4", "--lease", "1", "--locks", "6");
      assertThat(code).as(this::printed).isEqualTo(SoakCommand.FOUND);
    }
    assertThat(printed())
        .contains("FAILED: ")
        .containsPattern("\\d+ of OVERLAP; first: '.*' was granted to .* while held");
  }

  @Test
  void soak_locksThatExcludeNobody_isCaught() {
    assertThat(soak("separate:", "0.25", "4", "--locks", "1"))
        .as(this::printed)
        .isEqualTo(SoakCommand.FOUND);
    assertThat(printed()).contains(" of OVERLAP; ", "was granted to");
  }

  @Test
  void plan_isPrinted_theSameForTheSameSeed() {
    assertThat(soak("h2", "2", "42", "--plan")).isZero();
    String first = printed();
    out.reset();
    assertThat(soak("h2", "2", "42", "--plan")).isZero();
    assertThat(printed()).isEqualTo(first).contains("store kill -9", "the holder of lock");
  }
}
