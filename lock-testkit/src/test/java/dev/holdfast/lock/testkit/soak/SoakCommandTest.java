package dev.holdfast.lock.testkit.soak;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the command says before it begins; that it soaks is tested in lock-examples, on H2. */
class SoakCommandTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private int run(String... args) {
    return new SoakCommand(new PrintStream(out, true, UTF_8), "a, b", word -> Optional.empty())
        .run(args);
  }

  private String printed() {
    return out.toString(UTF_8);
  }

  @Test
  void help_namesTheStores() {
    assertThat(run("--help")).isZero();
    assertThat(printed()).contains("usage: soak", "a, b", "seed");
  }

  @Test
  void badArguments_sayWhatIsWrong() {
    assertThat(run()).isEqualTo(SoakCommand.USAGE);
    assertThat(run("redis://x", "1", "2", "3")).isEqualTo(SoakCommand.USAGE);
    assertThat(run("redis://x", "soon")).isEqualTo(SoakCommand.USAGE);
    assertThat(run("redis://x", "0.1")).isEqualTo(SoakCommand.USAGE);
    assertThat(run("redis://x", "--fast")).isEqualTo(SoakCommand.USAGE);
    assertThat(run("redis://x", "--locks")).isEqualTo(SoakCommand.USAGE);
    assertThat(printed())
        .contains("minutes is a number, not: soon", "15 s or more", "--locks needs a value");
  }

  @Test
  void stores_thatCannotBeSoaked_areRefused() {
    assertThat(run("memory:")).isEqualTo(SoakCommand.USAGE);
    assertThat(run("nonsense")).isEqualTo(SoakCommand.USAGE);
    assertThat(run("no-such-store://host:1")).isEqualTo(SoakCommand.USAGE);
    assertThat(printed()).contains("cannot share it", "no store to start", "no-such-store");
  }

  @Test
  void arguments_areUnderstood() {
    SoakArguments parsed =
        SoakArguments.parse(
            "redis", "2.5", "42", "--plan", "--locks", "5", "--processes", "6", "--lease", "1.5");
    SoakOptions options = parsed.options();
    assertThat(parsed.store()).isEqualTo("redis");
    assertThat(parsed.planOnly()).isTrue();
    assertThat(options.duration()).isEqualTo(Duration.ofSeconds(150));
    assertThat(options.seed()).isEqualTo(42);
    assertThat(options.locks()).isEqualTo(5);
    assertThat(options.processes()).isEqualTo(6);
    assertThat(options.lease()).isEqualTo(Duration.ofMillis(1500));
    assertThat(options.folder()).isEqualTo(Path.of("target/soak/redis-42"));
  }

  @Test
  void minutes_notGiven_areOne_andTheSeedIsDrawn() {
    assertThat(SoakArguments.parse("h2").options().duration()).isEqualTo(Duration.ofMinutes(1));
    assertThat(SoakArguments.parse("h2").options().seed()).isNotNegative();
  }
}
