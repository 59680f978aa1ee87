package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.LockCapabilities;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HoldTest {

  private static final Duration MILLI = Duration.ofMillis(1);
  private static final Duration NANO = Duration.ofNanos(1);

  private final World world = World.polled();
  private final List<LockLoss> losses = new ArrayList<>();

  @AfterEach
  void timerCalledNoBackend() {
    assertThat(world.backend.violations).isEmpty();
  }

  private Handle silent(String name) {
    world.backend.onRenew = claims -> {};
    return world.held(name);
  }

  /** L1: held until asOf + validFor − margin, and not for an instant longer. */
  @Test
  void isHeld_noRenewalAnswered_endsAtTheDeadline() {
    Handle held = silent("a");
    assertThat(held.remaining()).isEqualTo(World.TRUSTED);
    world.time.pause(World.TRUSTED.minus(NANO));
    assertThat(held.isHeld()).isTrue();
    assertThat(held.remaining()).isEqualTo(NANO);
    world.time.pause(NANO);
    assertThat(held.isHeld()).isFalse();
    assertThat(held.remaining()).isEqualTo(Duration.ZERO);
  }

  /** L5: no thread of ours has run since the pause, and nothing was asked. */
  @ParameterizedTest
  @ValueSource(longs = {13_500, 60_000, 86_400_000})
  void isHeld_firstCallAfterPause_isFalseWithoutIo(long millis) {
    Handle held = silent("a");
    int calls = world.backend.calls.size();
    world.time.pause(Duration.ofMillis(millis));
    assertThat(held.isHeld()).isFalse();
    assertThat(world.backend.calls.stream().skip(calls)).doesNotContain("renew", "claim a");
  }

  /** L5: so does ensureHeld. */
  @Test
  void ensureHeld_firstCallAfterPause_throws() {
    Handle held = silent("a");
    world.time.pause(World.LEASE);
    assertThatExceptionOfType(LockLostException.class)
        .isThrownBy(held::ensureHeld)
        .satisfies(lost -> assertThat(lost.reason()).isEqualTo(LossReason.EXPIRED))
        .satisfies(lost -> assertThat(lost.fencingToken()).isEqualTo(held.fencingToken()));
  }

  /** A2: the deadline moves by an answer, to its asOf + validFor − margin. */
  @Test
  void renewed_answer_movesTheDeadlineFromWhenItWasAsked() {
    Handle held = silent("a");
    long asked = world.time.now() + MILLI.toNanos();
    world.time.pause(Duration.ofSeconds(10));
    world.renewed(held, World.LEASE, asked);
    assertThat(held.remaining()).isEqualTo(World.TRUSTED.minus(Duration.ofSeconds(10)).plus(MILLI));
  }

  /** A2: an answer that was overtaken by a later one moves nothing. */
  @Test
  void renewed_olderAnswer_doesNotShorten() {
    Handle held = silent("a");
    long begun = world.time.now();
    world.time.pause(Duration.ofSeconds(10));
    world.renewed(held, World.LEASE, begun + 9_000_000_000L);
    Duration left = held.remaining();
    world.renewed(held, World.LEASE, begun + 5_000_000_000L);
    world.renewed(held, Duration.ofSeconds(1), begun + 9_000_000_001L);
    world.renewed(held, Duration.ZERO, begun);
    assertThat(held.remaining()).isEqualTo(left);
  }

  /** A3: lost at the very instant at which a renewal is answered is lost. */
  @Test
  void renewed_atTheDeadline_isTooLate() {
    Handle held = silent("a");
    held.onLost(losses::add);
    world.time.pause(World.TRUSTED);
    world.renewed(held, World.LEASE, world.time.now() - 1);
    assertThat(losses).hasSize(1);
    assertThat(held.isHeld()).isFalse();
  }

  /** A3: what is lost stays lost. */
  @Test
  void renewed_afterTheLoss_revivesNothing() {
    Handle held = silent("a");
    held.onLost(losses::add);
    world.time.pause(World.LEASE);
    assertThat(held.isHeld()).isFalse();
    world.renewed(held, World.LEASE, world.time.now());
    world.engine.gone(world.claimOf(held), LossReason.REVOKED);
    assertThat(held.isHeld()).isFalse();
    assertThat(losses).containsExactly(new LockLoss("a", held.fencingToken(), LossReason.EXPIRED));
  }

  /** A6: nothing makes a released handle held, or lost, again. */
  @Test
  void renewed_afterTheRelease_revivesNothing() {
    Handle held = silent("a");
    held.onLost(losses::add);
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    world.renewed(held, World.LEASE, world.time.now());
    world.engine.gone(world.claimOf(held), LossReason.REVOKED);
    world.advance(World.LEASE.multipliedBy(3));
    assertThat(held.isHeld()).isFalse();
    assertThat(losses).isEmpty();
    assertThat(held.lost().toCompletableFuture()).isNotDone();
  }

  /** L4: whatever the store said last, the hold ends with maxHold. */
  @Test
  void maxHold_renewalsSucceed_isLostForThatReasonAtThatTime() {
    Handle held = world.held("a", LockOptions.builder().maxHold(Duration.ofSeconds(40)).build());
    held.onLost(losses::add);
    world.advance(Duration.ofSeconds(40).minus(NANO));
    assertThat(held.isHeld()).isTrue();
    assertThat(held.remaining()).isEqualTo(NANO);
    world.advance(NANO);
    assertThat(losses).containsExactly(new LockLoss("a", held.fencingToken(), LossReason.MAX_HOLD));
    assertThat(world.store.contents()).isEmpty();
  }

  /** L4: a maxHold below the lease ends the hold too; an expiry before it is an expiry. */
  @Test
  void maxHold_shorterThanTheLease_isLostForThatReason() {
    Handle brief = world.held("a", LockOptions.builder().maxHold(MILLI).build());
    world.time.pause(MILLI);
    assertThat(catchThrowable(brief::ensureHeld))
        .isInstanceOfSatisfying(
            LockLostException.class, e -> assertThat(e.reason()).isEqualTo(LossReason.MAX_HOLD));

    world.backend.onRenew = claims -> {};
    Handle expired = world.held("b", LockOptions.builder().maxHold(World.LEASE).build());
    world.time.pause(World.TRUSTED);
    assertThat(catchThrowable(expired::ensureHeld))
        .isInstanceOfSatisfying(
            LockLostException.class, e -> assertThat(e.reason()).isEqualTo(LossReason.EXPIRED));
  }

  /** R1: releasing what was lost tells the caller so and touches no successor. */
  @Test
  void release_afterLoss_saysSoAndLeavesTheSuccessor() {
    Handle old = silent("a");
    world.time.pause(World.LEASE);
    assertThat(old.isHeld()).isFalse();
    Handle next = world.held("a");
    assertThat(old.release()).isEqualTo(ReleaseResult.ALREADY_LOST);
    assertThat(old.releaseAsync()).isCompletedWithValue(ReleaseResult.ALREADY_LOST);
    old.close();
    assertThat(next.isHeld()).isTrue();
    assertThat(world.store.isHeldBy(world.claimOf(next))).isTrue();
  }

  /** R1: the very first call after a pause may be the release. */
  @Test
  void release_firstCallAfterPause_isAlreadyLostAndTold() {
    Handle held = silent("a");
    held.onLost(losses::add);
    world.time.pause(World.LEASE);
    assertThat(held.release()).isEqualTo(ReleaseResult.ALREADY_LOST);
    assertThat(losses).hasSize(1);
  }

  @Test
  void release_twice_answersTheSame() {
    Handle held = world.held("a");
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(held.releaseAsync()).isCompletedWithValue(ReleaseResult.RELEASED);
    assertThat(world.backend.released).hasSize(1);
  }

  /** R1: the store had freed it before, by an operator's hand perhaps. */
  @Test
  void release_recordGoneFromTheStore_isAlreadyLost() {
    Handle held = world.held("a");
    world.store.delete("a");
    assertThat(held.release()).isEqualTo(ReleaseResult.ALREADY_LOST);
  }

  /** L2: each listener once, whoever notices the loss, and however often. */
  @Test
  void onLost_lossNoticedManyTimes_runsOnce() {
    Handle held = silent("a");
    held.onLost(losses::add);
    held.onLost(losses::add);
    world.advance(World.LEASE);
    assertThat(held.isHeld()).isFalse();
    world.engine.gone(world.claimOf(held), LossReason.SESSION_LOST);
    world.advance(World.LEASE);
    assertThat(losses).hasSize(2).allMatch(loss -> loss.reason() == LossReason.EXPIRED);
  }

  /** L2: at once if it is lost already. */
  @Test
  void onLost_addedAfterTheLoss_runsAtOnce() {
    Handle held = silent("a");
    world.advance(World.LEASE);
    held.onLost(losses::add);
    assertThat(losses).hasSize(1);
    assertThat(held.lost().toCompletableFuture()).isCompletedWithValue(losses.get(0));
  }

  /** L2: also if the pause has just ended and nobody has noticed the loss. */
  @Test
  void onLost_addedFirstThingAfterPause_runsAtOnce() {
    Handle held = silent("a");
    world.time.pause(World.LEASE);
    held.onLost(losses::add);
    assertThat(losses).hasSize(1);
  }

  /** L2: never for a release. */
  @Test
  void onLost_addedAfterTheRelease_neverRuns() {
    Handle held = world.held("a");
    held.onLost(losses::add);
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    held.onLost(losses::add);
    world.advance(World.LEASE.multipliedBy(2));
    assertThat(losses).isEmpty();
  }

  /** L2: in the listener the lock is lost by every question that can be asked. */
  @ParameterizedTest
  @EnumSource(
      value = LossReason.class,
      names = {"EXPIRED", "REVOKED", "SESSION_LOST"})
  void onLost_inTheListener_nothingSaysHeld(LossReason reason) {
    Handle held = silent("a");
    held.onLost(
        loss -> {
          losses.add(loss);
          assertThat(held.isHeld()).isFalse();
          assertThat(held.remaining()).isZero();
          assertThat(catchThrowable(held::ensureHeld)).isInstanceOf(LockLostException.class);
          assertThat(held.release()).isEqualTo(ReleaseResult.ALREADY_LOST);
        });
    world.engine.gone(world.claimOf(held), reason);
    assertThat(losses).containsExactly(new LockLoss("a", held.fencingToken(), reason));
  }

  /** L2: on the callback executor, which is all that the thread that finds the loss waits for. */
  @Test
  void onLost_listener_runsOnTheCallbackExecutor() {
    QueuedExecutor callbacks = new QueuedExecutor();
    World queued = World.builder(LockCapabilities.of("fake")).callbacks(callbacks).build();
    CompletableFuture<LockHandle> future = queued.lock("a").acquireAsync();
    callbacks.runAll();
    Handle held = World.now(future);
    held.onLost(losses::add);
    queued.engine.gone(queued.claimOf(held), LossReason.REVOKED);
    assertThat(held.isHeld()).isFalse();
    assertThat(losses).isEmpty();
    callbacks.runAll();
    assertThat(losses).hasSize(1);
  }

  /** L2: one listener that throws, even an Error, keeps nothing from the others. */
  @Test
  void onLost_listenerThrows_theOthersAreTold() {
    Handle held = silent("a");
    held.onLost(losses::add);
    held.onLost(
        loss -> {
          throw new OnPurpose("thrown by a listener");
        });
    held.onLost(losses::add);
    world.advance(World.LEASE);
    assertThat(losses).hasSize(2);
    assertThat(world.store.contents()).isEmpty();
  }

  /** L4: what the store says has ended is not released there once more. */
  @ParameterizedTest
  @EnumSource(
      value = LossReason.class,
      names = {"REVOKED", "SESSION_LOST"})
  void gone_byTheStore_isNotReleasedThere(LossReason reason) {
    Handle held = world.held("a");
    world.store.delete("a");
    world.engine.gone(world.claimOf(held), reason);
    assertThat(held.isHeld()).isFalse();
    world.advance(World.LEASE.multipliedBy(2));
    assertThat(world.backend.released).isEmpty();
    assertThat(world.backend.rounds).isEmpty();
  }

  /** The store is told of an expiry when the listeners have returned, or after a lease. */
  @Test
  void expiry_listenerStillRuns_storeIsToldLater() {
    QueuedExecutor callbacks = new QueuedExecutor();
    World queued = World.builder(LockCapabilities.of("fake")).callbacks(callbacks).build();
    queued.backend.onRenew = claims -> {};
    List<Handle> handles = new ArrayList<>();
    for (String name : List.of("a", "b")) {
      CompletableFuture<LockHandle> future = queued.lock(name).acquireAsync();
      callbacks.runAll();
      handles.add(World.now(future));
    }
    handles.forEach(handle -> handle.onLost(losses::add));
    queued.advance(World.TRUSTED);
    assertThat(queued.backend.released).isEmpty();
    assertThat(callbacks.runOne()).isTrue();
    assertThat(queued.backend.released).hasSize(1);
    queued.advance(World.LEASE);
    assertThat(queued.backend.released).hasSize(2);
    assertThat(losses).hasSize(1);
    assertThat(queued.backend.violations).isEmpty();
  }

  @Test
  void ensureHeld_margin_asksForThatMuch() {
    Handle held = silent("a");
    held.ensureHeld(Duration.ofSeconds(13));
    world.time.pause(Duration.ofSeconds(1));
    held.ensureHeld(Duration.ofMillis(12_499));
    assertThatExceptionOfType(LockLostException.class)
        .isThrownBy(() -> held.ensureHeld(Duration.ofMillis(12_500)))
        .withMessageContaining("is certain for PT12.5S only, not for PT12.5S")
        .withMessageContaining("'a'");
    assertThat(held.isHeld()).isTrue();
    held.ensureHeld(Duration.ZERO);
  }

  @Test
  void ensureHeld_marginThatCanNeverBe_isRefused() {
    Handle held = silent("a");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> held.ensureHeld(World.LEASE))
        .withMessageContaining("less than the lease (PT15S)");
    assertThatIllegalArgumentException().isThrownBy(() -> held.ensureHeld(Duration.ofNanos(-1)));
  }

  @Test
  void ensureHeld_afterRelease_isAnIllegalState() {
    Handle held = world.held("a");
    held.close();
    assertThatIllegalStateException()
        .isThrownBy(held::ensureHeld)
        .withMessage("lock 'a' was released");
  }

  /** F2: through renewals, loss and a successor. */
  @Test
  void fencingToken_whateverHappens_isFixedAndBelowTheSuccessors() {
    Handle held = silent("a");
    long token = held.fencingToken();
    world.renewed(held, World.LEASE, world.time.now());
    world.advance(World.LEASE.multipliedBy(2));
    Handle next = world.held("a");
    assertThat(held.fencingToken()).isEqualTo(token);
    assertThat(next.fencingToken()).isGreaterThan(token);
  }

  @Test
  void lease_storeGrantsLess_isTheEffectiveOne() {
    world.backend.onClaim =
        claim ->
            CompletableFuture.completedFuture(
                new Granted(1, Duration.ofSeconds(8), world.time.now()));
    Handle held = world.held("a");
    assertThat(held.lease()).isEqualTo(Duration.ofSeconds(8));
    assertThat(held.remaining()).isEqualTo(Duration.ofMillis(6_500));
    world.renewed(held, Duration.ofSeconds(20), world.time.now());
    assertThat(held.lease()).isEqualTo(Duration.ofSeconds(20));
  }

  /** A backend that answers "for ever" is taken at its word, without an overflow. */
  @Test
  void renewed_endlessValidity_isNoOverflow() {
    Handle held = world.held("a");
    world.renewed(held, Duration.ofSeconds(Long.MAX_VALUE), world.time.now());
    world.time.pause(Duration.ofDays(365));
    assertThat(held.isHeld()).isTrue();
  }

  /** The clock's origin is arbitrary: nothing happens when it runs over. */
  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE - 1_000_000_000L, Long.MIN_VALUE, -1_000_000_000L, 0})
  void isHeld_clockRunsOver_isTheSame(long origin) {
    World odd = World.builder(LockCapabilities.of("fake")).origin(origin).build();
    Handle renewed = odd.held("a");
    odd.advance(Duration.ofSeconds(60));
    assertThat(renewed.isHeld()).isTrue();
    odd.backend.onRenew = claims -> {};
    Handle held = odd.held("b");
    odd.time.pause(World.TRUSTED.minus(NANO));
    assertThat(held.isHeld()).isTrue();
    odd.time.pause(NANO);
    assertThat(held.isHeld()).isFalse();
  }

  /** H-22: what users hang on the result must not run on the store's or the timer's thread. */
  @Test
  void releaseAsync_answered_completesOnTheCallbackExecutor() {
    QueuedExecutor callbacks = new QueuedExecutor();
    World queued = World.builder(LockCapabilities.of("fake")).callbacks(callbacks).build();
    for (boolean silent : new boolean[] {false, true}) {
      CompletableFuture<LockHandle> future = queued.lock("a" + silent).acquireAsync();
      callbacks.runAll();
      queued.backend.onRelease = queued.backend::leaveReleaseOpen;
      CompletableFuture<ReleaseResult> result = World.now(future).releaseAsync();
      if (silent) {
        queued.advance(Duration.ofSeconds(5));
      } else {
        queued
            .backend
            .openReleases
            .get(0)
            .answer()
            .complete(dev.holdfast.lock.spi.ReleaseOutcome.RELEASED);
      }
      assertThat(result).isNotDone();
      callbacks.runAll();
      assertThat(result)
          .isCompletedWithValue(silent ? ReleaseResult.UNCONFIRMED : ReleaseResult.RELEASED);
    }
  }

  /** Users cannot complete what others wait for. */
  @Test
  void lost_completedByAUser_changesNothing() throws Exception {
    Handle held = silent("a");
    CompletionStage<LockLoss> mine = held.lost();
    mine.toCompletableFuture().cancel(true);
    CompletionStage<LockLoss> other = held.lost();
    world.advance(World.LEASE);
    assertThat(other.toCompletableFuture().get(0, TimeUnit.SECONDS).reason())
        .isEqualTo(LossReason.EXPIRED);
  }
}
