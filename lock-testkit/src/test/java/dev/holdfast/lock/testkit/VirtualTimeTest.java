package dev.holdfast.lock.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.spi.ClientEnvironment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VirtualTimeTest {

  private final VirtualTime time = new VirtualTime(7);
  private final List<String> log = new ArrayList<>();

  @Test
  void advance_runsWhatIsDue_inOrderAndAtItsInstant() {
    ClientEnvironment env = time.environment();
    var unused = env.timer().schedule(() -> note("three"), 3, SECONDS);
    unused = env.timer().schedule(() -> note("one"), 1, SECONDS);
    env.workers().execute(() -> note("zero"));
    time.advance(Duration.ofSeconds(2));
    assertThat(log).containsExactly("zero@0", "one@1000");
    time.advance(Duration.ofSeconds(2));
    assertThat(log).endsWith("three@3000");
    assertThat(time.now()).isEqualTo(SECONDS.toNanos(4));
  }

  @Test
  void fastClock_hasShortSeconds() {
    ClientEnvironment env = time.environment(2);
    var unused = env.timer().schedule(() -> note("due"), 2, SECONDS);
    time.advance(Duration.ofSeconds(1));
    assertThat(log).containsExactly("due@1000");
    assertThat(env.ticker().read()).isEqualTo(SECONDS.toNanos(2));
  }

  @Test
  void periodicTask_repeats_untilCancelled() {
    ClientEnvironment env = time.environment();
    var task = env.timer().scheduleAtFixedRate(() -> note("tick"), 1, 1, SECONDS);
    time.advance(Duration.ofMillis(2500));
    task.cancel(false);
    time.advance(Duration.ofSeconds(5));
    assertThat(log).containsExactly("tick@1000", "tick@2000");
  }

  @Test
  void sameSeed_givesTheSameChance() {
    assertThat(time.environment().random().nextLong())
        .isEqualTo(new VirtualTime(7).environment().random().nextLong());
  }

  private void note(String what) {
    log.add(what + "@" + Duration.ofNanos(time.now()).toMillis());
  }
}
