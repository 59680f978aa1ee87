package dev.holdfast.lock.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.testkit.history.FencedRegister;
import dev.holdfast.lock.testkit.memory.MemoryLocks;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FirstLockTest {

  private final FencedRegister store = new FencedRegister();

  @Test
  void publish_twice_savesWithRisingTokens() throws InterruptedException {
    try (LockClient locks = LockClient.connect("memory:first-lock")) {
      assertThat(FirstLock.publish(locks, new Report("one", false), this::save)).isTrue();
      long first = store.snapshot().highest();
      assertThat(FirstLock.publish(locks, new Report("two", false), this::save)).isTrue();
      assertThat(store.value()).isEqualTo("two");
      assertThat(store.snapshot().highest()).isGreaterThan(first);
    }
  }

  @Test
  void publish_lockIsLostMeanwhile_reportIsCancelledAndNotSaved() {
    var options = LockClientOptions.builder().lease(Duration.ofSeconds(1)).build();
    try (LockClient locks = LockClient.connect("memory:first-lock-lost", options)) {
      assertThatThrownBy(() -> FirstLock.publish(locks, new Report("late", true), this::save))
          .isInstanceOf(LockLostException.class);
      assertThat(store.accepted()).isZero();
    }
  }

  @Test
  void main_inMemory_runs() throws InterruptedException {
    FirstLock.main(new String[] {"memory:first-lock-main"});
  }

  private boolean save(String text, long token) {
    return store.write(token, text);
  }

  /** Takes long if its lock is to be lost: until it is cancelled. */
  private record Report(String text, boolean loses, CountDownLatch cancelled)
      implements FirstLock.Report {

    Report(String text, boolean loses) {
      this(text, loses, new CountDownLatch(1));
    }

    @Override
    public String build() throws InterruptedException {
      if (loses) {
        MemoryLocks.named("first-lock-lost").revoke("nightly-report");
        assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
      }
      return text;
    }

    @Override
    public void cancel() {
      cancelled.countDown();
    }
  }
}
