package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.LockCapabilities;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a held lock costs: some 210 bytes, its name not counted, which is the application's. */
class MemoryTest {

  private static final int LOCKS = 100_000;

  @Test
  void hold_hundredThousandLocks_costsLessThan250BytesEach() throws Exception {
    World world = World.builder(LockCapabilities.of("fake")).build();
    long asOf = world.time.now();
    world.backend.onRenew = claims -> {};
    // As a backend answers: a duration and a stage of its own for every grant.
    world.backend.onClaim =
        claim ->
            CompletableFuture.<ClaimOutcome>completedFuture(
                new Granted(1, Duration.ofSeconds(15), asOf));
    String[] names = new String[LOCKS];
    for (int i = 0; i < LOCKS; i++) {
      names[i] = "order-" + i;
    }
    LockHandle[] held = new LockHandle[LOCKS];
    hold(world, names, held, 1_000);
    long before = used();
    hold(world, names, held, LOCKS);
    world.backend.claimed.clear();
    world.backend.calls.clear();
    long each = (used() - before) / (LOCKS - 1_000);
    System.out.println("Heap per held lock: " + each + " bytes");
    assertThat(each).isBetween(100L, 220L);
    assertThat(held).allMatch(LockHandle::isHeld);
    assertThat(names).hasSize(LOCKS);
  }

  private static void hold(World world, String[] names, LockHandle[] held, int upTo)
      throws InterruptedException {
    for (int i = 0; i < upTo; i++) {
      if (held[i] == null) {
        held[i] = world.lock(names[i]).acquire();
        if (i % 1_000 == 0) {
          world.backend.claimed.clear(); // a list that copies itself at every call
          world.backend.calls.clear();
        }
      }
    }
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
