package dev.holdfast.lock.pulsar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What each step costs the broker, by its own counter, and how long it takes: only printed. */
class PulsarOperationsTest {

  private static final int ROUNDS = 50;

  /** So long that no renewal is counted. */
  private static final LockOptions QUIET =
      LockOptions.builder().lease(Duration.ofMinutes(30)).build();

  private PulsarFixture fixture;
  private LockClient a;
  private LockClient b;

  @BeforeEach
  void open() throws Exception {
    fixture = new PulsarFixture(Servers.alone());
    a = LockClient.over(fixture.connect());
    b = LockClient.over(fixture.connect());
  }

  @AfterEach
  void close() throws Exception {
    a.close();
    b.close();
    fixture.close();
  }

  private long records() {
    return fixture.operations().orElseThrow();
  }

  @Test
  void acquireAndRelease_areOneRecordEach() throws Exception {
    a.lock("alone", QUIET).acquire().close();
    List<Long> acquired = new ArrayList<>();
    List<Long> released = new ArrayList<>();
    long before = records();
    for (int i = 0; i < ROUNDS; i++) {
      long start = System.nanoTime();
      LockHandle held = a.lock("alone", QUIET).acquire();
      long granted = System.nanoTime();
      held.close();
      released.add(System.nanoTime() - granted);
      acquired.add(granted - start);
    }
    long cost = records() - before;
    print("operations", "acquire and release: %.1f records", (double) cost / ROUNDS);
    print("operations", "acquire p50 %.1f ms, release p50 %.1f ms", p50(acquired), p50(released));
    assertThat(cost).isEqualTo(2L * ROUNDS);
  }

  @Test
  void handOver_isTheRecordOfTheRelease() throws Exception {
    LockHandle held = a.lock("both", QUIET).acquire();
    b.lock("both", QUIET).tryAcquire().ifPresent(LockHandle::close);
    List<Long> taken = new ArrayList<>();
    long before = records();
    for (int i = 0; i < ROUNDS; i++) {
      LockClient next = i % 2 == 0 ? b : a;
      CompletableFuture<LockHandle> waiter = next.lock("both", QUIET).acquireAsync();
      long claims = before + 2L * i + 1;
      Await.until("the claim", Duration.ofSeconds(10), () -> records() >= claims);
      long start = System.nanoTime();
      CompletableFuture<Long> at = waiter.thenApply(granted -> System.nanoTime());
      held.close();
      taken.add(at.get(10, TimeUnit.SECONDS) - start);
      held = waiter.get(10, TimeUnit.SECONDS);
    }
    long cost = records() - before;
    held.close();
    print("hand-over", "claim and release: %.1f records", (double) cost / ROUNDS);
    print("hand-over", "from release to grant: p50 %.1f ms, max %.1f ms", p50(taken), max(taken));
    assertThat(cost).isEqualTo(2L * ROUNDS);
  }

  private static double p50(List<Long> nanos) {
    List<Long> sorted = nanos.stream().sorted().toList();
    return sorted.get(sorted.size() / 2) / 1e6;
  }

  private static double max(List<Long> nanos) {
    return Collections.max(nanos) / 1e6;
  }

  @SuppressWarnings({"SystemOut", "AnnotateFormatMethod"}) // ./verify reads these lines
  private static void print(String kind, String text, Object... values) {
    System.out.println("[" + kind + "] pulsar " + text.formatted(values));
  }
}
