package dev.holdfast.lock.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.history.FencedRegister;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeaderOnlyTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration EVERY = Duration.ofMillis(5);

  private final FencedRegister register = new FencedRegister();

  @Test
  void task_leaderStepsDown_goesOnElsewhereWithoutAnOldToken() {
    try (LockClient one = LockClient.connect("memory:leader");
        LockClient two = LockClient.connect("memory:leader");
        LeaderOnly first = node("first", one);
        LeaderOnly second = node("second", two)) {
      first.start();
      Await.until("the first to work", LIMIT, () -> register.value().equals("first"));
      second.start();
      assertThat(second.isLeader()).isFalse();

      first.stepDown();
      Await.until("the second to work", LIMIT, () -> register.value().equals("second"));
      assertThat(first.isLeader()).isFalse();

      second.close();
      Await.until("the first to work again", LIMIT, () -> register.value().equals("first"));
      assertThat(register.rejected()).isZero();
    }
  }

  private LeaderOnly node(String name, LockClient locks) {
    return new LeaderOnly("mail-sender", locks, EVERY, token -> register.write(token, name));
  }
}
