package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockCapabilities.LeaseClock;
import dev.holdfast.lock.spi.LockCapabilities.LeaseScope;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimingTest {

  private static final LockCapabilities STORE = LockCapabilities.of("fake");

  private static Timing of(LockOptions.Builder own) {
    return of(own, LockClientOptions.builder(), STORE);
  }

  private static Timing of(
      LockOptions.Builder own, LockClientOptions.Builder client, LockCapabilities store) {
    return Timing.of(own.build(), client.build(), store);
  }

  private static LockOptions.Builder lease(String lease) {
    return LockOptions.builder().lease(Duration.parse(lease));
  }

  @Test
  void of_defaults_areTheDocumentedOnes() {
    Timing timing = of(LockOptions.builder());
    assertThat(timing.lease()).isEqualTo(Duration.ofSeconds(15));
    assertThat(timing.margin()).isEqualTo(1_500_000_000L);
    assertThat(timing.period()).isEqualTo(3_375_000_000L);
    assertThat(timing.maxHold()).isEqualTo(Long.MAX_VALUE);
  }

  /** A8: the margin is a tenth of the lease, and at least 200 ms. */
  @Test
  void of_shortLease_hasTheLeastMargin() {
    assertThat(of(lease("PT1S")).margin()).isEqualTo(200_000_000);
    assertThat(of(lease("PT1S")).period()).isEqualTo(200_000_000);
    assertThat(of(lease("PT3S")).margin()).isEqualTo(300_000_000);
  }

  /** A8: the example of STYLE.md. */
  @Test
  void of_periodThatLeavesNoRoomForTwoFailures_namesTheNumbers() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(lease("PT15S").renewEvery(Duration.ofSeconds(6))))
        .withMessage(
            "renewEvery (PT6S) leaves no room for two failed renewals within lease - margin"
                + " (PT13.5S of a lease of PT15S): at most PT4.2S");
    assertThat(of(lease("PT15S").renewEvery(Duration.ofMillis(4_200))).period())
        .isEqualTo(4_200_000_000L);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(lease("PT15S").renewEvery(Duration.ofMillis(4_201))));
  }

  @Test
  void of_marginThatLeavesNoPeriod_saysSo() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(lease("PT1S").margin(Duration.ofMillis(995))))
        .withMessageEndingWith("none is possible");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT1.499S", "PT15S", "PT16S"})
  void of_marginOutOfRange_isRefused(String margin) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(lease("PT15S").margin(Duration.parse(margin))))
        .withMessage(
            "margin (" + margin + ") must be at least PT1.5S and less than the lease (PT15S)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0.499S", "PT24H0.001S"})
  void of_leaseOutsideOfTheStoresRange_isRefused(String lease) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(lease(lease)))
        .withMessage("lease (" + lease + ") must be from PT0.5S to PT24H on fake");
  }

  /** Every lease that a store may take has a default period that passes its own check. */
  @ParameterizedTest
  @ValueSource(longs = {500, 501, 750, 999, 1_000, 2_000, 2_001, 15_000, 86_400_000})
  void of_anyLease_hasAPeriodThatSurvivesTwoFailures(long millis) {
    Timing timing = of(LockOptions.builder().lease(Duration.ofMillis(millis)));
    long usable = timing.lease().toNanos() - timing.margin();
    assertThat(3 * timing.period()).isLessThan(usable);
  }

  @Test
  void of_sessionStore_refusesALeaseBelowTheSessions() {
    LockCapabilities sessions =
        STORE.withLease(
            LeaseScope.CLIENT, Duration.ofSeconds(2), Duration.ofHours(1), LeaseClock.MONOTONIC);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(lease("PT10S"), LockClientOptions.builder(), sessions))
        .withMessage(
            "lease (PT10S) of a lock must not be shorter than the client's (PT15S): on fake all"
                + " locks of a client live under one session");
    Timing same =
        of(lease("PT10S"), LockClientOptions.builder().lease(Duration.ofSeconds(10)), sessions);
    assertThat(same.lease()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void of_clientsSettings_countWhereTheLockSaysNothing() {
    LockClientOptions.Builder client =
        LockClientOptions.builder()
            .lease(Duration.ofSeconds(30))
            .renewEvery(Duration.ofSeconds(2))
            .margin(Duration.ofSeconds(4))
            .maxHold(Duration.ofMinutes(1));
    Timing inherited = of(LockOptions.builder(), client, STORE);
    assertThat(inherited)
        .isEqualTo(
            new Timing(Duration.ofSeconds(30), 4_000_000_000L, 2_000_000_000L, 60_000_000_000L));
    Timing own = of(lease("PT10S").renewEvery(Duration.ofSeconds(1)), client, STORE);
    assertThat(own.period()).isEqualTo(1_000_000_000L);
  }

  @Test
  void deadline_leavesTheMargin() {
    Timing timing = of(LockOptions.builder());
    assertThat(timing.deadline(100, Duration.ofSeconds(15))).isEqualTo(100 + 13_500_000_000L);
  }
}
