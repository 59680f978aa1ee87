package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockObserver;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockCapabilities.LeaseClock;
import dev.holdfast.lock.spi.LockCapabilities.LeaseScope;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReleaseTest {

  private static final LockCapabilities STORE = LockCapabilities.of("fake");
  private static final LockCapabilities SESSIONS =
      STORE.withLease(
          LeaseScope.CLIENT, Duration.ofSeconds(2), Duration.ofHours(1), LeaseClock.MONOTONIC);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private World world = World.polled();

  @AfterEach
  void timerCalledNoBackend() {
    assertThat(world.backend.violations).isEmpty();
  }

  /** A6: not held before the store hears of it. */
  @Test
  void release_whileTheStoreIsAsked_isNotHeldAnyMore() {
    Handle held = world.held("a");
    List<Boolean> seen = new ArrayList<>();
    world.backend.onRelease =
        claim -> {
          seen.add(held.isHeld());
          return world.backend.answerRelease(claim);
        };
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(seen).containsExactly(false);
  }

  /** A6: whatever comes of it at the store, it is not held again. */
  @Test
  void release_storeIsAway_isNotHeldAndRepeatedUntilItIsBack() {
    Handle held = world.held("a");
    world.backend.goAway();
    CompletableFuture<ReleaseResult> result = held.releaseAsync();
    assertThat(held.isHeld()).isFalse();
    world.advance(TIMEOUT.minusNanos(1));
    assertThat(result).isNotDone();
    world.advance(Duration.ofNanos(1));
    assertThat(result).isCompletedWithValue(ReleaseResult.UNCONFIRMED);
    assertThat(world.backend.released).hasSizeBetween(6, 20).containsOnly(world.claimOf(held));
    world.backend.comeBack();
    world.advance(Duration.ofSeconds(1));
    assertThat(world.store.contents()).isEmpty();
    assertThat(held.release()).isEqualTo(ReleaseResult.UNCONFIRMED);
  }

  /** R1: an answer that never comes is asked for again. */
  @Test
  void release_unanswered_isRepeated() {
    Handle held = world.held("a");
    world.backend.onRelease = world.backend::leaveReleaseOpen;
    CompletableFuture<ReleaseResult> result = held.releaseAsync();
    world.advance(TIMEOUT.multipliedBy(2));
    assertThat(result).isCompletedWithValue(ReleaseResult.UNCONFIRMED);
    assertThat(world.backend.released).hasSize(2);
    world.backend.openReleases.get(1).answer().complete(ReleaseOutcome.RELEASED);
    int before = world.backend.released.size();
    world.advance(Duration.ofMinutes(1));
    assertThat(world.backend.released).hasSize(before);
    assertThat(world.engine.overdue.all()).isEmpty();
  }

  /** H-73: the first try did it and its answer was lost: it is released. */
  @Test
  void release_answerIsLost_isReleasedAllTheSame() {
    Handle held = world.held("a");
    world.backend.onRelease =
        claim -> {
          var unused = world.backend.answerRelease(claim);
          world.backend.onRelease = world.backend::answerRelease;
          return FakeBackend.away();
        };
    CompletableFuture<ReleaseResult> result = held.releaseAsync();
    world.advance(Duration.ofSeconds(1));
    assertThat(result).isCompletedWithValue(ReleaseResult.RELEASED);
  }

  /** H-37: the repeated release of an old claim does nothing to a new one. */
  @Test
  void release_repeatedAfterANewAcquire_leavesThatAlone() {
    Handle old = world.held("a");
    List<Claim> targets = new ArrayList<>();
    world.backend.onRelease =
        claim -> {
          var unused = world.backend.answerRelease(claim);
          targets.add(claim);
          return FakeBackend.away();
        };
    var result = old.releaseAsync();
    Handle next = world.held("a");
    world.advance(Duration.ofSeconds(2));
    assertThat(targets).hasSizeGreaterThan(2).containsOnly(world.claimOf(old));
    assertThat(result).isNotDone();
    assertThat(next.isHeld()).isTrue();
    assertThat(world.store.isHeldBy(world.claimOf(next))).isTrue();
  }

  /** Repeated until the lease has run out, where each lock has its own. */
  @Test
  void release_neverAnswered_isGivenUpAfterALease() {
    Handle held = world.held("a");
    world.backend.goAway();
    var result = held.releaseAsync();
    world.advance(World.LEASE);
    int tries = world.backend.released.size();
    assertThat(tries).isBetween(15, 60);
    world.advance(World.LEASE.multipliedBy(4));
    assertThat(world.backend.released).hasSize(tries);
    assertThat(result).isCompletedWithValue(ReleaseResult.UNCONFIRMED);
    assertThat(world.engine.overdue.all()).isEmpty();
    assertThat(world.time.scheduled()).isZero();
  }

  /** Under a session it is repeated as long as the client lives: nothing else would end it. */
  @Test
  void release_underASession_isRepeatedWithoutEnd() {
    world = World.builder(SESSIONS).build();
    Handle held = world.held("a");
    world.backend.goAway();
    var result = held.releaseAsync();
    world.advance(Duration.ofMinutes(10));
    assertThat(result).isCompletedWithValue(ReleaseResult.UNCONFIRMED);
    int tries = world.backend.released.size();
    assertThat(tries).isBetween(500, 1_300);
    world.backend.comeBack();
    world.advance(Duration.ofSeconds(1));
    assertThat(world.backend.released).hasSize(tries + 1);
    assertThat(world.engine.overdue.all()).isEmpty();
  }

  /** Under a session a right that is missing for a while must not block a name for ever. */
  @Test
  void release_underASessionFailsDefinitely_isRepeatedAllTheSame() {
    world = World.builder(SESSIONS).build();
    Handle held = world.held("a");
    world.backend.onRelease =
        claim -> CompletableFuture.failedFuture(BackendFailure.permanent("no right", null));
    var result = held.releaseAsync();
    world.advance(Duration.ofMinutes(1));
    assertThat(result).isCompletedWithValue(ReleaseResult.UNCONFIRMED);
    int tries = world.backend.released.size();
    assertThat(tries).isBetween(50, 130);
    world.backend.comeBack();
    world.advance(Duration.ofSeconds(1));
    assertThat(world.backend.released).hasSize(tries + 1);
  }

  /** A definite no is the end of it where the lease ends it anyway. */
  @Test
  void release_failsDefinitely_isNotRepeated() {
    Handle held = world.held("a");
    world.backend.onRelease =
        claim -> CompletableFuture.failedFuture(BackendFailure.permanent("no right", null));
    assertThat(held.release()).isEqualTo(ReleaseResult.UNCONFIRMED);
    world.advance(World.LEASE);
    assertThat(world.backend.released).hasSize(1);
  }

  /** A driver that throws an Error, or answers with nothing, loses no turn and no release. */
  @Test
  void release_driverThrows_isRepeatedAndTheNextIsServed() {
    for (int way = 0; way < 3; way++) {
      int defect = way;
      Handle held = world.held("a");
      world.backend.onRelease =
          claim -> {
            world.backend.onRelease = world.backend::answerRelease;
            if (defect == 0) {
              throw new OnPurpose("thrown by a driver");
            }
            return defect == 1 ? null : CompletableFuture.completedFuture(null);
          };
      CompletableFuture<ReleaseResult> result = held.releaseAsync();
      world.advance(Duration.ofSeconds(1));
      assertThat(result).isCompletedWithValue(ReleaseResult.RELEASED);
      assertThat(world.held("a").release()).isEqualTo(ReleaseResult.RELEASED);
    }
  }

  /** R2: with the interrupt flag set, which the driver does not see and the caller keeps. */
  @Test
  void release_interruptedThread_worksAndKeepsTheFlag() {
    Handle held = world.held("a");
    List<Boolean> flag = new ArrayList<>();
    world.backend.onRelease =
        claim -> {
          flag.add(Thread.currentThread().isInterrupted());
          return world.backend.answerRelease(claim);
        };
    Thread.currentThread().interrupt();
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(flag).containsExactly(false);
  }

  /** R2: interrupted while it waits for the answer. */
  @Test
  void release_interruptedWhileWaiting_waitsOnAndKeepsTheFlag() throws Exception {
    Handle held = world.held("a");
    world.backend.onRelease = world.backend::leaveReleaseOpen;
    var releasing =
        Background.start(
            () -> {
              ReleaseResult result = held.release();
              assertThat(Thread.currentThread().isInterrupted()).isTrue();
              return result;
            });
    Await.until("asked", () -> world.backend.openReleases.size() == 1);
    Await.parked(releasing.thread);
    releasing.thread.interrupt();
    Await.parked(releasing.thread);
    world.backend.openReleases.get(0).answer().complete(ReleaseOutcome.RELEASED);
    assertThat(releasing.get()).isEqualTo(ReleaseResult.RELEASED);
  }

  /** H-76: acquired here, released there. */
  @Test
  void release_otherThread_works() throws Exception {
    Handle held = world.held("a");
    assertThat(Background.start(held::release).get()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(world.store.contents()).isEmpty();
  }

  /** Two who release at once get the same answer, from one request. */
  @Test
  void release_twoThreads_shareTheAnswer() throws Exception {
    Handle held = world.held("a");
    world.backend.onRelease = world.backend::leaveReleaseOpen;
    var first = Background.start(held::release);
    Await.until("asked", () -> world.backend.openReleases.size() == 1);
    var second = Background.start(held::release);
    CompletableFuture<ReleaseResult> third = held.releaseAsync();
    Await.parked(second.thread);
    world.backend.openReleases.get(0).answer().complete(ReleaseOutcome.RELEASED);
    assertThat(first.get()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(second.get()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(third).isCompletedWithValue(ReleaseResult.RELEASED);
    assertThat(world.backend.released).hasSize(1);
  }

  /** A blocking store is called by the releasing thread, in the background by a worker. */
  @Test
  void releaseAsync_blockingStore_runsOnAWorker() {
    QueuedExecutor workers = new QueuedExecutor();
    world = World.builder(STORE.withBlocking()).workers(workers).build();
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    workers.runAll();
    Handle held = World.now(future);
    CompletableFuture<ReleaseResult> result = held.releaseAsync();
    assertThat(held.isHeld()).isFalse();
    assertThat(world.backend.released).isEmpty();
    workers.runAll();
    assertThat(result).isCompletedWithValue(ReleaseResult.RELEASED);
  }

  /** The observer hears what really became of it, once. */
  @Test
  void release_confirmedLate_isObservedOnce() {
    List<ReleaseResult> seen = new ArrayList<>();
    LockObserver observer =
        new LockObserver() {
          @Override
          public void released(String lock, long token, ReleaseResult result, Duration held) {
            seen.add(result);
          }
        };
    world = World.builder(STORE).options(options -> options.observer(observer)).build();
    Handle held = world.held("a");
    world.backend.goAway();
    var result = held.releaseAsync();
    world.advance(TIMEOUT);
    assertThat(result).isCompletedWithValue(ReleaseResult.UNCONFIRMED);
    world.backend.comeBack();
    world.advance(Duration.ofSeconds(1));
    assertThat(seen).containsExactly(ReleaseResult.RELEASED);
  }
}
