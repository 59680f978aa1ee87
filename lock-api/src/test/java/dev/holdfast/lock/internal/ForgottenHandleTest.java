package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.spi.LockCapabilities;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** H-19: the owner died, or lost its handle, without a release. */
class ForgottenHandleTest {

  /** Waits until what can be collected has been. */
  private static void collect() {
    WeakReference<Object> canary = new WeakReference<>(new Object());
    Await.until(
        "garbage is collected",
        () -> {
          System.gc();
          return canary.get() == null;
        });
  }

  private static void forget(World world, String name) {
    assertThat(world.held(name).isHeld()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void handle_forgotten_isReleasedWithAWarning(boolean leakDetection) {
    World world =
        World.builder(LockCapabilities.of("fake"))
            .options(options -> options.leakDetection(leakDetection))
            .build();
    forget(world, "a");
    Handle kept = world.held("b");
    Await.until(
        "released",
        () -> {
          collect();
          world.advance(World.PERIOD);
          return !world.backend.released.isEmpty();
        });
    assertThat(world.store.contents()).hasSize(1);
    assertThat(world.backend.violations).isEmpty();
    world.advance(World.LEASE);
    assertThat(kept.isHeld()).isTrue();
    assertThat(world.backend.released).hasSize(1);
    assertThat(kept.release()).isEqualTo(ReleaseResult.RELEASED);
  }

  /** Somebody listens: that is a use, and it goes on. */
  @Test
  void handle_withListener_isKept() {
    World world = World.polled();
    List<LockLoss> losses = new ArrayList<>();
    world.held("a").onLost(losses::add);
    for (int i = 0; i < 5; i++) {
      collect();
      world.advance(World.PERIOD);
    }
    assertThat(world.store.contents()).hasSize(1);
    world.backend.onRenew = claims -> {};
    world.advance(World.LEASE);
    assertThat(losses).hasSize(1);
  }

  /** A future that somebody keeps keeps its handle. */
  @Test
  void handle_inAFuture_isKept() {
    World world = World.polled();
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    for (int i = 0; i < 5; i++) {
      collect();
      world.advance(World.PERIOD);
    }
    assertThat(World.now(future).isHeld()).isTrue();
  }

  /** What was lost while it winds down, and is then forgotten, is not "never released". */
  @Test
  void handle_forgottenAfterItsEnd_isNotReleasedAgain() {
    QueuedExecutor callbacks = new QueuedExecutor();
    World world = World.builder(LockCapabilities.of("fake")).callbacks(callbacks).build();
    Hold hold = acquireAndListen(world, callbacks);
    assertThat(hold.lose(LossReason.STEPPED_DOWN, 0)).isTrue();
    callbacks.runAll();
    for (int i = 0; i < 5; i++) {
      collect();
      world.advance(World.PERIOD);
    }
    assertThat(world.backend.released).hasSize(1);
  }

  private static Hold acquireAndListen(World world, QueuedExecutor callbacks) {
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    callbacks.runAll();
    Handle handle = World.now(future);
    handle.onLost(loss -> {});
    return handle.hold;
  }
}
