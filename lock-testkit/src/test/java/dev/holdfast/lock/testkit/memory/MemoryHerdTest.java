package dev.holdfast.lock.testkit.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.memory.MemoryStore.Mode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** H-69: 200 clients wait for one name, and the store counts what it is asked. */
class MemoryHerdTest {

  private static final int WAITERS = 200;

  private final List<LockClient> clients = new ArrayList<>();

  @AfterEach
  void close() {
    clients.forEach(LockClient::close);
  }

  /** A store that queues and wakes is asked no more than 5 times per release, renewals included. */
  @Test
  void release_withManyClientsQueued_isAFewOperations() throws Exception {
    double each = operationsPerRelease(Mode.QUEUE);
    assertThat(each).isLessThan(5);
  }

  /** One that does not is asked by everybody; what that comes to is printed, and all are served. */
  @Test
  void release_withManyClientsPolling_servesAll() throws Exception {
    assertThat(operationsPerRelease(Mode.POLLED)).isPositive();
  }

  private double operationsPerRelease(Mode mode) throws Exception {
    MemoryStore store = MemoryStore.create(mode);
    List<CompletableFuture<LockHandle>> waiting = new ArrayList<>();
    LockHandle first = client(store).lock("herd").acquire();
    for (int i = 0; i < WAITERS; i++) {
      waiting.add(client(store).lock("herd").acquireAsync());
    }
    Await.until("all have asked", Duration.ofSeconds(10), () -> store.operations() > WAITERS);
    List<CompletableFuture<?>> served = new ArrayList<>();
    waiting.forEach(next -> served.add(next.thenCompose(LockHandle::releaseAsync)));
    long before = store.operations();
    long start = System.nanoTime();
    first.close();
    CompletableFuture.allOf(served.toArray(CompletableFuture<?>[]::new)).get(60, TimeUnit.SECONDS);
    double each = (double) (store.operations() - before) / (WAITERS + 1);
    System.out.printf(
        "[operations] memory %s: hand-over(%d waiting clients)=%.1f, all served in %d ms%n",
        mode, WAITERS, each, (System.nanoTime() - start) / 1_000_000);
    return each;
  }

  private LockClient client(MemoryStore store) {
    LockClient client = LockClient.over(MemoryLocks.over(store));
    clients.add(client);
    return client;
  }
}
