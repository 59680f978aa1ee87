package dev.holdfast.lock.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AwaitTest {

  private static final Duration LONG = Duration.ofSeconds(10);

  private String before;

  @BeforeEach
  void rememberFactor() {
    before = System.getProperty(Await.FACTOR_PROPERTY);
  }

  @AfterEach
  void restoreFactor() {
    if (before == null) {
      System.clearProperty(Await.FACTOR_PROPERTY);
    } else {
      System.setProperty(Await.FACTOR_PROPERTY, before);
    }
  }

  @Test
  void until_conditionComesTrue_returns() {
    AtomicInteger looks = new AtomicInteger();
    Await.until("three looks", LONG, () -> looks.incrementAndGet() == 3);
    assertThat(looks).hasValue(3);
  }

  @Test
  void until_limitPasses_namesWhatAndHowLongAndWhy() {
    assertThatThrownBy(
            () ->
                Await.until(
                    "the moon",
                    Duration.ofMillis(20),
                    () -> {
                      throw new IOException("clouds");
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessageMatching("timed out after \\d+ ms waiting for the moon; .*clouds")
        .hasCauseInstanceOf(IOException.class);
  }

  @Test
  void until_zeroLimit_asksOnce() {
    Await.until("now", Duration.ZERO, () -> true);
    assertThatThrownBy(() -> Await.until("now", Duration.ZERO, () -> false))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void until_interrupted_failsAndKeepsTheFlag() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> Await.until("never", LONG, () -> false))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("interrupted");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void value_appears_isReturned() {
    AtomicInteger looks = new AtomicInteger();
    assertThat(
            Await.<String>value(
                "a word",
                LONG,
                () -> looks.incrementAndGet() < 2 ? Optional.empty() : Optional.of("word")))
        .isEqualTo("word");
  }

  @Test
  void scaled_factorFromProperty_multiplies() {
    System.setProperty(Await.FACTOR_PROPERTY, "2.5");
    assertThat(Await.scaled(Duration.ofSeconds(2))).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void scaled_factorThatIsNone_isRefused() {
    System.setProperty(Await.FACTOR_PROPERTY, "fast");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Await.scaled(LONG))
        .withMessageContaining("fast");
  }
}
