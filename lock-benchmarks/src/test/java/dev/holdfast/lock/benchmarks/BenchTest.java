package dev.holdfast.lock.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That it runs and prints; its numbers are for an idle machine. */
class BenchTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void bench_h2_measuresAllScenarios() throws Exception {
    assertThat(bench("h2", "--quick", "--rounds", "1", "--seconds", "0.2", "--idle", "100"))
        .isZero();
    assertThat(printed())
        .contains("H2 ", "limit", "Holdfast")
        .containsPattern("1 thread: pairs/s +[\\d,]+ +[\\d,]+ = \\d+\\.\\d\\d \\(")
        .containsPattern("4 processes, one name: hand-overs/s +[\\d,]+ +[\\d,]+ = ")
        .containsPattern("hand-over, 99 % ms +\\d")
        .containsPattern("idle, 100 held: operations/s +- +not counted")
        .containsPattern("lost meanwhile +- +0");
  }

  @Test
  void bench_memory_leavesOutWhatItCannotShare() throws Exception {
    assertThat(bench("memory", "--quick", "--rounds", "1", "--seconds", "0.1", "--idle", "100"))
        .isZero();
    assertThat(printed()).contains("16 threads, one name").doesNotContain("4 processes");
  }

  @Test
  void bench_badArguments_saysWhatIsWrong() throws Exception {
    assertThat(bench()).isEqualTo(2);
    assertThat(bench("oracle")).isEqualTo(2);
    assertThat(bench("h2", "--rounds", "0")).isEqualTo(2);
    assertThat(bench("--help")).isZero();
    assertThat(printed())
        .contains("which store?", "'oracle' is not one of h2 | postgresql | ")
        .contains("--rounds takes a number from 1 to 100, not '0'", "usage: bench");
  }

  private int bench(String... args) throws Exception {
    return Bench.run(new PrintStream(out, true, UTF_8), List.of(args));
  }

  private String printed() {
    return out.toString(UTF_8);
  }
}
