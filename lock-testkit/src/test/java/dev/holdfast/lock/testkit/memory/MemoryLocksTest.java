package dev.holdfast.lock.testkit.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockRefusedException;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.testkit.VirtualTime;
import dev.holdfast.lock.testkit.fault.Operation;
import dev.holdfast.lock.testkit.memory.MemoryStore.Mode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What an application's own unit tests do with the store in memory. */
class MemoryLocksTest {

  @Test
  void uri_ofOneName_isOneStore() throws Exception {
    try (LockClient a = LockClient.connect("memory:orders");
        LockClient b = LockClient.connect("memory:orders");
        LockClient c = LockClient.connect("memory:")) {
      LockHandle held = a.lock("n").acquire();
      assertThat(b.lock("n").tryAcquire()).isEmpty();
      assertThat(c.lock("n").tryAcquire()).isPresent();
      assertThat(MemoryLocks.named("orders").residue()).isEqualTo(1);
      held.close();
    }
  }

  @Test
  void uri_withAMode_playsThatStore() {
    try (LockClient polled = LockClient.connect("memory:polled?mode=polled");
        LockClient blocking = LockClient.connect("memory:blocking?mode=blocking")) {
      assertThat(polled.capabilities().queue()).isFalse();
      assertThat(blocking.capabilities().blocking()).isTrue();
    }
    assertThatThrownBy(() -> LockClient.connect("memory:x?mode=slow"))
        .isInstanceOf(LockConfigurationException.class)
        .hasMessageContainingAll("memory:x?mode=slow", "queue, polled, blocking");
    assertThatThrownBy(() -> LockClient.connect("memory:x?color=red"))
        .isInstanceOf(LockConfigurationException.class);
  }

  @Test
  void expire_andRevoke_areToldToTheHolder() throws Exception {
    MemoryStore store = MemoryStore.create();
    LockClientOptions options = LockClientOptions.builder().lease(Duration.ofSeconds(1)).build();
    try (LockClient client = LockClient.over(MemoryLocks.over(store), options)) {
      LockHandle first = client.lock("expires").acquire();
      LockHandle second = client.lock("revoked").acquire();
      store.expire("expires");
      store.revoke("revoked");
      assertThat(reason(first)).isEqualTo(LossReason.EXPIRED);
      assertThat(reason(second)).isEqualTo(LossReason.REVOKED);
    }
  }

  private static LossReason reason(LockHandle handle) {
    return handle.lost().toCompletableFuture().join().reason();
  }

  @Test
  void script_ofFailuresAndSwitches_isSeenByTheApplication() throws Exception {
    MemoryStore store = MemoryStore.create();
    LockClientOptions options =
        LockClientOptions.builder()
            .description("worker-1")
            .operationTimeout(Duration.ofMillis(100))
            .build();
    try (LockClient client = LockClient.over(MemoryLocks.over(store), options)) {
      store.failNext("worker-1", Operation.CLAIM);
      assertThatThrownBy(() -> client.lock("n").tryAcquire())
          .isInstanceOf(LockBackendException.class)
          .hasStackTraceContaining("scripted failure");
      store.partition("worker-1");
      assertThatThrownBy(() -> client.lock("n").tryAcquire())
          .isInstanceOf(LockBackendException.class);
      store.heal("worker-1");
      store.setEnabled("n", false);
      assertThatThrownBy(() -> client.lock("n").acquire()).isInstanceOf(LockRefusedException.class);
      store.setEnabled("n", true);
      assertThat(client.lock("n").tryAcquire()).isPresent();
    }
  }

  @Test
  void virtualTime_needsNoRealTime() throws Exception {
    VirtualTime time = new VirtualTime(1);
    MemoryStore store = MemoryStore.create(Mode.QUEUE, time.ticker());
    LockClient a = client(store, time, "a");
    LockClient b = client(store, time, "b");
    LockHandle held = a.lock("n").acquire();
    List<LockLoss> losses = new ArrayList<>();
    held.onLost(losses::add);
    CompletableFuture<LockHandle> next = b.lock("n").acquireAsync();

    time.advance(Duration.ofHours(1));
    assertThat(held.isHeld()).isTrue();
    assertThat(next).isNotDone();

    store.partition("a");
    time.advance(Duration.ofSeconds(15));
    assertThat(losses).extracting(LockLoss::reason).containsExactly(LossReason.EXPIRED);
    assertThat(held.isHeld()).isFalse();
    time.advance(Duration.ofSeconds(2));
    assertThat(next).isCompleted();
    assertThat(next.join().fencingToken()).isGreaterThan(held.fencingToken());
  }

  private static LockClient client(MemoryStore store, VirtualTime time, String description) {
    return LockClient.over(
        MemoryLocks.over(store),
        LockClientOptions.builder()
            .description(description)
            .environment(time.environment())
            .build());
  }
}
