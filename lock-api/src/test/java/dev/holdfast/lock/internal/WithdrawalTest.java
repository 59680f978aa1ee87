package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockCapabilities;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** W1: whoever stops waiting, and at whatever stage, leaves nothing behind. */
class WithdrawalTest {

  private static final LockCapabilities STORE = LockCapabilities.of("fake");

  enum Way {
    CANCEL,
    TIMEOUT,
    COMPLETE;

    void end(CompletableFuture<LockHandle> future) {
      boolean unused =
          switch (this) {
            case CANCEL -> future.cancel(true);
            case TIMEOUT -> future.completeExceptionally(new TimeoutException());
            case COMPLETE -> future.complete(null);
          };
    }
  }

  private World world = World.queued();

  @AfterEach
  void nothingIsLeft() {
    world.advance(World.LEASE.multipliedBy(2));
    assertThat(world.backend.violations).isEmpty();
    assertThat(world.store.contents()).isEmpty();
    assertThat(Peek.names(world.engine)).isEmpty();
    assertThat(world.engine.overdue.all()).isEmpty();
    assertThat(world.engine.renewals.holds()).isEmpty();
    assertThat(world.time.scheduled()).isZero();
    int rounds = world.backend.rounds.size();
    world.advance(World.LEASE.multipliedBy(2));
    assertThat(world.backend.rounds).hasSize(rounds);
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void end_whileTheQuestionIsOnItsWay_isWithdrawn(Way way) {
    world.backend.onClaim = world.backend::leaveOpen;
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    way.end(future);
    assertThat(world.backend.released).containsExactlyElementsOf(world.backend.claimed);
    // The answer comes late, and a grant is given back once more.
    Claim claim = world.backend.claimed.get(0);
    world.backend.openClaims.get(0).answer().complete(world.store.claim(claim, true));
    assertThat(world.backend.released).containsExactly(claim, claim);
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void end_questionIsNeverAnswered_isWithdrawnOnceMore(Way way) {
    world.backend.onClaim = world.backend::leaveOpen;
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    way.end(future);
    world.advance(Duration.ofSeconds(10));
    assertThat(world.backend.released.size()).isBetween(2, 3);
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void end_whileWaitingAtTheStore_leavesItsQueue(Way way) {
    World other = World.builder(STORE.withQueue()).beside(world).build();
    Handle held = other.held("a");
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    CompletableFuture<LockHandle> behind =
        World.builder(STORE.withQueue()).beside(world).build().lock("a").acquireAsync();
    assertThat(world.store.contents()).hasSize(3);
    way.end(future);
    assertThat(world.store.contents()).hasSize(2);
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(World.now(behind).release()).isEqualTo(ReleaseResult.RELEASED);
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void end_whileWaitingBehindAnother_asksNothing(Way way) {
    Handle held = world.held("a");
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    way.end(future);
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(world.backend.calls).containsExactly("claim a", "release a");
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void end_betweenTwoPolls_pollsNoMore(Way way) {
    world = World.polled();
    world.store.occupy("a");
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    world.advance(Duration.ofSeconds(3));
    int claims = world.backend.claimed.size();
    way.end(future);
    world.advance(Duration.ofSeconds(3));
    assertThat(world.backend.claimed).hasSize(claims);
    assertThat(world.backend.released).isEmpty();
    world.store.delete("a");
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void end_whileTheStoreIsAway_isWithdrawnWhenItIsBack(Way way) {
    world.backend.goAway();
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    world.advance(Duration.ofSeconds(1));
    way.end(future);
    int before = world.backend.released.size();
    assertThat(before).isPositive();
    world.advance(Duration.ofSeconds(1));
    world.backend.comeBack();
    world.advance(Duration.ofSeconds(2));
    assertThat(world.backend.released.size()).isGreaterThan(before);
  }

  /** A grant that finds its future ended, but was made before, is released. */
  @ParameterizedTest
  @EnumSource(Way.class)
  void end_grantIsOnItsWayToTheUser_isReleased(Way way) {
    QueuedExecutor callbacks = new QueuedExecutor();
    world = World.builder(STORE.withQueue()).callbacks(callbacks).build();
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    assertThat(future).isNotDone();
    assertThat(world.store.contents()).hasSize(1);
    way.end(future);
    callbacks.runAll();
    assertThat(world.store.contents()).isEmpty();
  }

  /** A future that is done before it begins asks for nothing. */
  @Test
  void end_beforeTheBeginning_asksNothing() {
    CompletableFuture<LockHandle> future = new CompletableFuture<>();
    assertThat(future.cancel(false)).isTrue();
    assertThat(world.lock("a").async(future)).isSameAs(future);
    assertThat(world.backend.calls).isEmpty();
  }

  /** The question overtook its withdrawal at the store: what it left there is taken back. */
  @Test
  void end_withdrawalOvertakesTheQuestion_isWithdrawnAgain() {
    world.store.occupy("a");
    world.backend.onClaim = world.backend::leaveOpen;
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    assertThat(future.cancel(true)).isTrue();
    var open = world.backend.openClaims.get(0);
    open.answer().complete(world.store.claim(open.claim(), true));
    assertThat(world.store.contents()).containsExactly("a held by stranger");
    world.store.delete("a");
  }

  /** H-05: the thread is interrupted at each stage. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void interrupt_whileWaiting_throwsAndLeavesNothing(int stage) throws Exception {
    Handle held = null;
    if (stage == 0) {
      held = world.held("a"); // waits behind another one of this client
    } else if (stage == 1) {
      world.backend.onClaim = world.backend::leaveOpen; // the question is on its way
    } else if (stage == 2) {
      world.backend.onClaim =
          claim ->
              CompletableFuture.completedFuture(
                  new Waiting(new CompletableFuture<>(), World.LEASE, Optional.empty()));
    } else {
      world.backend.goAway();
    }
    var waiting =
        Background.start(
            () -> {
              try {
                return world.lock("a").acquire();
              } catch (InterruptedException e) {
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
                throw e;
              }
            });
    int tasks = stage == 0 ? 3 : 1;
    Await.until(
        "waits",
        () ->
            world.engine.overdue.all().size() == 1
                && world.backend.claimed.size() >= 1
                && world.time.scheduled() >= Math.min(tasks, 2) - 1);
    Await.parked(waiting.thread);
    waiting.thread.interrupt();
    assertThat(waiting.failure()).isInstanceOf(InterruptedException.class);
    world.backend.comeBack();
    if (held != null) {
      assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    }
  }

  /** Misuse is found before any I/O: an interrupted thread asks for nothing. */
  @Test
  void interrupt_beforeTheWait_throwsWithoutIo() {
    Thread.currentThread().interrupt();
    Throwable thrown = null;
    try (LockHandle held = world.lock("a").acquire()) {
      assertThat(held).isNull();
    } catch (InterruptedException e) {
      thrown = e;
    }
    assertThat(thrown).hasMessageContaining("lock 'a' (fake)");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(world.backend.calls).isEmpty();
  }

  /** H-75: a driver that fails because its thread was interrupted means the interruption. */
  @Test
  void interrupt_insideTheDriver_isTheInterruption() {
    world.backend.onClaim =
        claim -> {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("RedisCommandInterruptedException");
        };
    Throwable thrown = null;
    try (LockHandle held = world.lock("a").acquire()) {
      assertThat(held).isNull();
    } catch (InterruptedException e) {
      thrown = e;
    }
    assertThat(thrown).isNotNull();
    assertThat(thrown.getSuppressed()).hasSize(1);
    world.backend.comeBack();
  }

  /** H-05: interrupted when it was granted just before: the handle, and the flag stays. */
  @Test
  void interrupt_justAfterTheGrant_keepsTheHandleAndTheFlag() throws Exception {
    world.backend.onClaim =
        claim -> {
          Thread.currentThread().interrupt();
          return world.backend.answer(claim);
        };
    try (LockHandle held = world.lock("a").acquire()) {
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
      assertThat(held.isHeld()).isTrue();
      assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  /** W1: a wait that timed out is withdrawn, and the next in the store's queue is served. */
  @Test
  void timeOut_whileWaitingAtTheStore_leavesItsQueue() throws Exception {
    World other = World.builder(STORE.withQueue()).beside(world).build();
    Handle held = other.held("a");
    var waiting = Background.waiting(() -> world.lock("a").tryAcquire(Duration.ofSeconds(1)));
    Await.until(
        "waits with an alarm",
        () -> world.store.contents().size() == 2 && world.time.scheduled() >= 3);
    world.advance(Duration.ofSeconds(1));
    assertThat(waiting.get()).isEmpty();
    assertThat(world.store.contents()).hasSize(1);
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
  }

  /** H-05: two hundred interrupts at odd moments: a handle or an exception, and no orphan. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void interrupt_atOddMoments_leavesNoOrphan(boolean queued) throws Exception {
    world = queued ? World.queued() : World.blocking();
    for (int i = 0; i < 200; i++) {
      Handle held = i % 2 == 0 ? world.held("a") : null;
      var waiting =
          Background.start(
              () -> {
                try (LockHandle mine = world.lock("a").acquire()) {
                  return mine.fencingToken();
                }
              });
      for (int spin = 0; spin < i * 20; spin++) {
        Thread.onSpinWait();
      }
      waiting.thread.interrupt();
      if (held != null) {
        assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
      }
      world.runUntilDone(waiting);
      Handle next = world.held("a");
      assertThat(next.release()).isEqualTo(ReleaseResult.RELEASED);
    }
  }

  /** A5: a cancelled future tells so, and nothing else. */
  @Test
  void cancel_future_isCancelled() {
    world.store.occupy("a");
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    assertThat(future.cancel(true)).isTrue();
    assertThat(future).isCancelled();
    assertThat(org.assertj.core.api.Assertions.catchThrowable(future::join))
        .isInstanceOf(CancellationException.class);
    world.store.delete("a");
  }

  /** A grant for a claim of another kind of life: given back although nobody ever waited. */
  @Test
  void end_lateGrantAfterAbandon_isReleased() {
    world = World.polled();
    world.backend.onClaim = world.backend::leaveOpen;
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    assertThat(future.cancel(true)).isTrue();
    int before = world.backend.released.size();
    world
        .backend
        .openClaims
        .get(0)
        .answer()
        .complete(new Granted(1, World.LEASE, world.time.now()));
    assertThat(world.backend.released).hasSize(before + 1);
  }
}
