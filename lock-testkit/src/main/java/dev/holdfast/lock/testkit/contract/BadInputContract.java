package dev.holdfast.lock.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.testkit.fault.Operation;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What cannot be meant is refused before any I/O: P4. */
public interface BadInputContract extends ContractTest {

  /** P4: names that no store could keep apart. */
  @Test
  default void name_thatCannotBe_isRefused() throws Exception {
    TestClient a = client();
    String lock = "\ud83d\udd12";
    for (String bad :
        List.of("", "x".repeat(256), lock.repeat(256), "a\ud83d", "\udd12a", "\udd12\ud83d")) {
      assertThatThrownBy(() -> a.lock(bad)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> a.latch(bad)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(a.line().count(Operation.CLAIM)).isZero();
  }

  /** P4: waits that are negative, or longer than anybody lives. */
  @Test
  default void wait_thatCannotBeMeant_isRefused() throws Exception {
    TestClient a = client();
    DistributedLock lock = a.lock(name());
    Duration overflowing = Duration.ofSeconds(Long.MAX_VALUE);
    for (Duration bad : List.of(Duration.ofNanos(-1), Duration.ofDays(36_600), overflowing)) {
      assertThatThrownBy(() -> lock.acquire(bad)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> lock.tryAcquire(bad)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> lock.tryRun(bad, held -> {}))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(a.line().count(Operation.CLAIM)).isZero();
    assertThat(lock.tryAcquire(Duration.ofDays(36_500))).isPresent();
  }

  /** P4: leases outside of what the store can keep; the message names the limit. */
  @Test
  default void lease_outsideTheRangeOfTheStore_isRefused() throws Exception {
    TestClient a = client();
    Duration shortest = capabilities().minLease();
    Duration longest = capabilities().maxLease();
    assertThatThrownBy(() -> a.lock(name(), lease(shortest.minusMillis(1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(shortest.toString());
    assertThatThrownBy(() -> a.lock(name(), lease(longest.plusMillis(1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(longest.toString());
    assertThatThrownBy(() -> client(options().lease(shortest.minusMillis(1))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static LockOptions lease(Duration lease) {
    return LockOptions.builder().lease(lease).build();
  }

  /** P4: settings that do not survive two failed renewals (A8); the message names the numbers. */
  @Test
  default void settings_thatCannotSurviveTwoFailedRenewals_areRefused() throws Exception {
    TestClient a = client();
    Duration tooRare = lease().dividedBy(2);
    assertThatThrownBy(() -> a.lock(name(), LockOptions.builder().renewEvery(tooRare).build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(tooRare.toString());
    Duration wide = lease().minusMillis(1);
    assertThatThrownBy(() -> a.lock(name(), LockOptions.builder().margin(wide).build()))
        .isInstanceOf(IllegalArgumentException.class);
    Duration narrow = Duration.ofMillis(1);
    assertThatThrownBy(() -> a.lock(name(), LockOptions.builder().margin(narrow).build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("margin");
  }

  /** P4: durations that are not positive. */
  @Test
  default void durations_thatAreNotPositive_areRefused() {
    for (Duration bad : List.of(Duration.ZERO, Duration.ofMillis(-1))) {
      LockOptions.Builder builder = LockOptions.builder();
      assertThatThrownBy(() -> builder.lease(bad)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> builder.renewEvery(bad))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> builder.margin(bad)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> builder.maxHold(bad)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> options().operationTimeout(bad))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
