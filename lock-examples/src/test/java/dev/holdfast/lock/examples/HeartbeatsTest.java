package dev.holdfast.lock.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.examples.HeartbeatJob.Effect;
import dev.holdfast.lock.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HeartbeatsTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void heartbeats_onH2_startTheJobOnOneProcessAtATime() {
    assertThat(run()).as(this::printed).isZero();
    assertThat(printed()).contains("dormant", "kill -9", "PASSED");
  }

  @Test
  void heartbeats_badArguments_saysWhatItTakes() {
    assertThat(run("--fast")).isEqualTo(Demo.USAGE);
    assertThat(run("--help")).isZero();
    assertThat(printed()).contains("usage: demo heartbeats");
  }

  @Test
  void job_firstHeartbeatOfTheActiveNode_startsIt_untilThatNodeCloses() {
    AtomicInteger running = new AtomicInteger();
    HeartbeatJob.Job counted =
        token -> {
          running.incrementAndGet();
          return running::decrementAndGet;
        };
    try (LockClient one = LockClient.connect("memory:heartbeats");
        LockClient two = LockClient.connect("memory:heartbeats");
        HeartbeatJob first = new HeartbeatJob("job", one, counted)) {
      Await.until("the start", LIMIT, () -> first.heartbeat() == Effect.STARTED);
      try (HeartbeatJob second = new HeartbeatJob("job", two, counted)) {
        assertThat(first.heartbeat()).isEqualTo(Effect.IGNORED);
        assertThat(second.heartbeat()).isEqualTo(Effect.DORMANT);
        first.close();
        assertThat(first.heartbeat()).isEqualTo(Effect.DORMANT);
        Await.until("the next start", LIMIT, () -> second.heartbeat() == Effect.STARTED);
        assertThat(running).hasValue(1);
      }
    }
    Await.until("the end of the job", LIMIT, () -> running.get() == 0);
  }

  private int run(String... args) {
    return Heartbeats.run(new DemoScreen(new PrintStream(out, true, UTF_8)), args);
  }

  private String printed() {
    return out.toString(UTF_8);
  }
}
