package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.spi.LockCapabilities;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * A3: all that can happen to a hold at once has a result that it could have had one after another;
 * and in the end each listener was told once of a loss, and never of a release.
 */
public class HoldConcurrencyTest {

  private final World world = World.builder(LockCapabilities.of("fake")).build();
  private final Handle handle = world.held("a");
  private final AtomicInteger listeners = new AtomicInteger();
  private final AtomicInteger told = new AtomicInteger();
  private final AtomicInteger toldWhileHeld = new AtomicInteger();

  public HoldConcurrencyTest() {
    world.backend.onRenew = claims -> {};
    onLost();
  }

  @Operation
  public boolean isHeld() {
    return handle.isHeld();
  }

  @Operation
  public void renewed() {
    world.engine.renewed(handle.hold.claim, World.LEASE, world.time.now());
  }

  @Operation
  public boolean lose() {
    return handle.hold.lose(LossReason.REVOKED, 0);
  }

  @Operation
  public boolean release() {
    return handle.release() == ReleaseResult.RELEASED;
  }

  @Operation
  public final void onLost() {
    listeners.incrementAndGet();
    handle.hold.onLost(
        loss -> {
          told.incrementAndGet();
          toldWhileHeld.addAndGet(handle.isHeld() ? 1 : 0);
          return CompletableFuture.completedFuture(null);
        });
  }

  /** The deadline passes, and nobody notices so far. */
  @Operation
  public void pause() {
    world.time.pause(World.TRUSTED);
  }

  @Validate
  public void eachListenerIsToldOnceOfALoss() {
    boolean held = handle.isHeld();
    boolean lost = !held && handle.release() == ReleaseResult.ALREADY_LOST;
    int expected = lost ? listeners.get() : 0;
    if (told.get() != expected || toldWhileHeld.get() != 0) {
      throw new IllegalStateException(
          "told %d times instead of %d, %d times while held"
              .formatted(told.get(), expected, toldWhileHeld.get()));
    }
  }

  @Test
  void hold_underStress_isLinearizable() {
    new StressOptions()
        .threads(3)
        .actorsPerThread(3)
        .actorsBefore(1)
        .actorsAfter(2)
        .iterations(30)
        .invocationsPerIteration(500)
        .check(HoldConcurrencyTest.class);
    assertThat(told).hasValue(0);
  }

  @Test
  void hold_inAllInterleavings_isLinearizable() {
    new ModelCheckingOptions()
        .threads(2)
        .actorsPerThread(3)
        .actorsBefore(1)
        .actorsAfter(1)
        .iterations(6)
        .invocationsPerIteration(60)
        .check(HoldConcurrencyTest.class);
    assertThat(told).hasValue(0);
  }
}
