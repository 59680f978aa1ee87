package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.LockRefusedException;
import dev.holdfast.lock.LockTimeoutException;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Refused;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The dialogue of one acquisition with the store. */
class AcquireTest {

  private static final LockCapabilities STORE = LockCapabilities.of("fake");
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private World world = World.polled();

  @AfterEach
  void timerCalledNoBackend() {
    assertThat(world.backend.violations).isEmpty();
  }

  private static <T> CompletionStage<T> done(T value) {
    return CompletableFuture.completedFuture(value);
  }

  private Granted granted(long token, long asOf) {
    return new Granted(token, World.LEASE, asOf);
  }

  private static Throwable failure(CompletableFuture<?> future) {
    return catchThrowable(future::join).getCause();
  }

  private void assertNothingLeft() {
    assertThat(world.store.contents()).isEmpty();
    assertThat(Peek.names(world.engine)).isEmpty();
    assertThat(world.engine.overdue.all()).isEmpty();
    assertThat(world.engine.renewals.holds()).isEmpty();
  }

  /** X3: held from the grant; the token is the store's. */
  @Test
  void acquire_free_isGrantedByOneRequest() throws Exception {
    try (LockHandle held = world.lock("a").acquire()) {
      assertThat(held.isHeld()).isTrue();
      assertThat(held.lockName()).isEqualTo("a");
      assertThat(held.fencingToken()).isEqualTo(1);
      assertThat(world.backend.calls).containsExactly("claim a");
    }
    assertThat(world.backend.calls).containsExactly("claim a", "release a");
    assertNothingLeft();
  }

  /** A4: every acquisition has a claim of its own. */
  @Test
  void claim_everyAcquisition_hasAnIdOfItsOwn() {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      Handle held = world.held("a");
      ids.add(world.claimOf(held).id());
      assertThat(world.claimOf(held).id()).matches("[a-z0-9-]{1,48}");
      assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    }
    assertThat(ids).hasSize(100);
  }

  /**
   * A5: a grant that is past its deadline when it is heard of is given back, and asked for anew.
   */
  @ParameterizedTest
  @ValueSource(longs = {13_500, 15_000, 100_000})
  void granted_tooLate_isGivenBackAndAskedForAnew(long late) {
    world.backend.onClaim = world.backend::leaveOpen;
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    Claim first = world.backend.claimed.get(0);
    world.time.pause(Duration.ofMillis(late));
    world
        .backend
        .openClaims
        .get(0)
        .answer()
        .complete(granted(1, world.time.now() - Duration.ofMillis(late).toNanos()));
    assertThat(future).isNotDone();
    assertThat(world.backend.released).containsExactly(first);
    world.backend.onClaim = world.backend::answer;
    world.advance(Duration.ofSeconds(1));
    assertThat(world.claimOf(World.now(future)).id()).isNotEqualTo(first.id());
    assertThat(World.now(future).isHeld()).isTrue();
  }

  /** A5: one nanosecond before the deadline it is a lock. */
  @Test
  void granted_justInTime_isALock() {
    world.backend.onClaim =
        claim -> done(granted(1, world.time.now() - World.TRUSTED.toNanos() + 1));
    assertThat(world.held("a").remaining()).isEqualTo(Duration.ofNanos(1));
  }

  /** A5: whoever asks once is told of a failure, for the store was too slow to say more. */
  @Test
  void granted_tooLateForTryAcquire_isAFailure() {
    world.backend.onClaim = claim -> done(granted(1, world.time.now() - World.LEASE.toNanos()));
    assertThatExceptionOfType(LockBackendException.class)
        .isThrownBy(() -> world.lock("a").tryAcquire())
        .matches(LockBackendException::isRetryable);
    assertThat(world.backend.released).containsExactlyElementsOf(world.backend.claimed);
    assertNothingLeft();
  }

  /** H-68: grants that always come too late are not asked for in a loop. */
  @Test
  void granted_alwaysTooLate_isAskedForSlowly() {
    world.backend.onClaim = claim -> done(granted(1, world.time.now() - World.LEASE.toNanos()));
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    world.advance(Duration.ofSeconds(2));
    assertThat(world.backend.claimed).hasSizeBetween(4, 12);
    assertThat(future.cancel(false)).isTrue();
    assertNothingLeft();
  }

  /** A4, R1: news of a claim that was given back does not hit the one that followed it. */
  @Test
  void gone_ofTheClaimBefore_doesNotHitTheHold() {
    AtomicInteger tries = new AtomicInteger();
    world.backend.onClaim =
        claim ->
            tries.getAndIncrement() == 0
                ? done(granted(1, world.time.now() - World.LEASE.toNanos()))
                : world.backend.answer(claim);
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    world.advance(Duration.ofSeconds(1));
    Handle held = World.now(future);
    world.engine.gone(world.backend.claimed.get(0), LossReason.REVOKED);
    assertThat(held.isHeld()).isTrue();
  }

  /** W1: what a late answer tells of a claim that was given back is taken back once more. */
  @Test
  void waiting_ofTheClaimBefore_isWithdrawn() {
    world = World.queued();
    world.backend.onClaim = world.backend::leaveOpen;
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    world.advance(TIMEOUT.multipliedBy(2));
    var open = world.backend.openClaims;
    assertThat(open.size()).isGreaterThan(1);
    Claim first = open.get(0).claim();
    assertThat(open.get(1).claim()).isSameAs(first);
    open.get(0).answer().complete(granted(1, world.time.now() - World.LEASE.toNanos()));
    int releases = world.backend.released.size();
    open.get(1)
        .answer()
        .complete(new Waiting(new CompletableFuture<>(), World.LEASE, Optional.empty()));
    assertThat(world.backend.released).hasSize(releases + 1).endsWith(first);
    world.backend.onClaim = world.backend::answer;
    world.advance(TIMEOUT);
    assertThat(World.now(future).isHeld()).isTrue();
  }

  /** W1: an answer that comes after its lock was released leaves nothing at the store. */
  @Test
  void granted_againAfterTheRelease_isGivenBack() {
    world.backend.onClaim = world.backend::leaveOpen;
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    world.advance(TIMEOUT.multipliedBy(2));
    var open = world.backend.openClaims;
    open.get(1).answer().complete(granted(1, world.time.now()));
    Handle held = World.now(future);
    assertThat(held.release()).isEqualTo(ReleaseResult.ALREADY_LOST);
    int releases = world.backend.released.size();
    open.get(0).answer().complete(granted(1, world.time.now()));
    assertThat(world.backend.released).hasSize(releases + 1);
    assertNothingLeft();
  }

  /** W1, E2: nor while the listeners are told that the store has ended it. */
  @Test
  void granted_againAfterItWasRevoked_isGivenBack() {
    QueuedExecutor callbacks = new QueuedExecutor();
    world = World.builder(STORE).callbacks(callbacks).build();
    world.backend.onClaim = world.backend::leaveOpen;
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    world.advance(TIMEOUT.multipliedBy(2));
    var open = world.backend.openClaims;
    open.get(1).answer().complete(granted(1, world.time.now()));
    callbacks.runAll();
    Handle held = World.now(future);
    held.onLost(loss -> {});
    world.engine.gone(world.claimOf(held), LossReason.REVOKED);
    open.get(0).answer().complete(granted(1, world.time.now()));
    callbacks.runAll();
    assertThat(world.backend.released).containsExactly(world.claimOf(held));
    assertNothingLeft();
  }

  /** L3: the same answer twice does no harm to the lock that is held. */
  @Test
  void granted_twice_keepsTheLock() {
    world.backend.onClaim = world.backend::leaveOpen;
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    world.advance(TIMEOUT.multipliedBy(2));
    var open = world.backend.openClaims;
    long asOf = world.time.now();
    open.get(1).answer().complete(granted(1, asOf));
    open.get(0).answer().complete(granted(1, asOf));
    assertThat(World.now(future).isHeld()).isTrue();
    assertThat(world.backend.released).isEmpty();
    world.backend.onRenew =
        claims -> claims.forEach(c -> world.engine.renewed(c, World.LEASE, world.time.now()));
    world.advance(World.LEASE.multipliedBy(2));
    assertThat(World.now(future).isHeld()).isTrue();
  }

  /** An answer that never comes is asked for again, with the same claim. */
  @Test
  void claim_unanswered_isAskedAgain() {
    world.backend.onClaim = world.backend::leaveOpen;
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    world.advance(TIMEOUT.multipliedBy(4));
    assertThat(world.backend.claimed)
        .hasSizeBetween(3, 4)
        .containsOnly(world.backend.claimed.get(0));
    world.backend.onClaim = world.backend::answer;
    world.advance(TIMEOUT.multipliedBy(2));
    assertThat(World.now(future).isHeld()).isTrue();
  }

  /**
   * H-68: while the store is away it is asked less than fifty times in 2 s, and at last answers.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void acquire_storeIsAway_backsOff(long seed) {
    world = World.builder(STORE).seed(seed).build();
    world.backend.goAway();
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    world.advance(Duration.ofSeconds(2));
    assertThat(world.backend.claimed).hasSizeBetween(4, 12);
    world.advance(Duration.ofMinutes(1));
    assertThat(world.backend.claimed.size()).isLessThan(140);
    world.backend.comeBack();
    world.advance(Duration.ofSeconds(1));
    assertThat(World.now(future).isHeld()).isTrue();
  }

  /** W2: the wait ends in time, with the store's failure and not as a timeout. */
  @Test
  void acquireInTime_storeIsAway_failsAtTheEndOfTheWait() throws Exception {
    world.backend.goAway();
    var waiting = Background.waiting(() -> world.lock("a").acquire(Duration.ofSeconds(2)));
    Await.until("asked", () -> world.backend.claimed.size() >= 1 && world.time.scheduled() >= 2);
    for (int i = 0; i < 199; i++) {
      world.advance(Duration.ofMillis(10));
      Await.parked(waiting.thread);
    }
    assertThat(waiting.isDone()).isFalse();
    world.advance(Duration.ofMillis(11));
    assertThat(waiting.failure())
        .isInstanceOf(LockBackendException.class)
        .hasMessageContaining("lock 'a' (fake): away");
    world.advance(World.LEASE.multipliedBy(2));
    assertNothingLeft();
  }

  /** W2: the same for a thread that waits behind another one of this client. */
  @Test
  void acquireInTime_storeIsAwayBehindAnother_failsInsteadOfTimingOut() throws Exception {
    world.backend.goAway();
    CompletableFuture<LockHandle> first = world.lock("a").acquireAsync();
    var second = Background.waiting(() -> world.lock("a").tryAcquire(Duration.ofSeconds(2)));
    Await.until("the second has its alarm", () -> world.time.scheduled() >= 3);
    world.advance(Duration.ofSeconds(2));
    assertThat(second.failure()).isInstanceOf(LockBackendException.class);
    assertThat(first).isNotDone();
  }

  /** W2: the same where the store hangs and answers nothing at all. */
  @Test
  void tryAcquire_storeHangs_failsAfterTheOperationTimeout() throws Exception {
    world.backend.hang();
    var asked = Background.waiting(() -> world.lock("a").tryAcquire());
    Await.until("asked", () -> world.backend.claimed.size() == 1 && world.time.scheduled() >= 2);
    world.advance(TIMEOUT.plusMillis(500));
    assertThat(asked.failure())
        .isInstanceOfSatisfying(
            LockBackendException.class, e -> assertThat(e.isRetryable()).isTrue())
        .hasMessageContaining("did not answer");
    assertThat(world.backend.released).containsExactlyElementsOf(world.backend.claimed);
  }

  /** What a retry cannot change is thrown at once. */
  @Test
  void acquire_permanentFailure_isThrownAtOnce() {
    world.backend.onClaim =
        claim ->
            CompletableFuture.failedFuture(BackendFailure.permanent("no right to write", null));
    assertThatExceptionOfType(LockBackendException.class)
        .isThrownBy(() -> world.lock("a").acquire())
        .withMessage("lock 'a' (fake): no right to write")
        .matches(e -> !e.isRetryable());
    world.backend.onClaim =
        claim -> {
          throw BackendFailure.misconfigured("create table lock", null);
        };
    assertThatExceptionOfType(LockConfigurationException.class)
        .isThrownBy(() -> world.lock("a").acquire())
        .withMessageContaining("create table lock");
    assertThat(world.backend.released).isEmpty();
    assertNothingLeft();
  }

  /** What a driver throws, an Error too, ends one acquisition and loses no turn. */
  @Test
  void acquire_driverThrows_isAnExceptionAndLeavesNothing() {
    List<java.util.function.Function<Claim, CompletionStage<ClaimOutcome>>> defects =
        List.of(
            claim -> {
              throw new OnPurpose("thrown by a driver");
            },
            claim -> {
              throw new IllegalStateException("closed");
            },
            claim -> null,
            claim -> CompletableFuture.completedFuture(null),
            claim -> CompletableFuture.failedFuture(new CompletionException(new OnPurpose("x"))));
    for (var defect : defects) {
      world.backend.onClaim = defect;
      assertThatExceptionOfType(LockBackendException.class)
          .isThrownBy(() -> world.lock("a").acquire())
          .withMessageContaining("a defect")
          .matches(e -> !e.isRetryable());
      assertNothingLeft();
    }
    world.backend.comeBack();
    assertThat(world.held("a").isHeld()).isTrue();
  }

  /** A name that is switched off says so; nothing is at the store and nothing is sent there. */
  @Test
  void acquire_switchedOff_isRefusedWithoutAWithdrawal() {
    world.backend.onClaim = claim -> done(new Refused("switched off; switch it on by x"));
    assertThatExceptionOfType(LockRefusedException.class)
        .isThrownBy(() -> world.lock("a").acquire())
        .withMessage("lock 'a' (fake) is refused: switched off; switch it on by x");
    assertThatExceptionOfType(LockRefusedException.class)
        .isThrownBy(() -> world.lock("a").tryAcquire());
    assertThat(failure(world.lock("a").acquireAsync())).isInstanceOf(LockRefusedException.class);
    assertThat(world.backend.released).isEmpty();
    assertNothingLeft();
  }

  @Test
  void acquire_maxWaitOutOfRange_isRefusedBeforeIo() {
    for (Duration odd : List.of(Duration.ofNanos(-1), Duration.ofDays(40_000))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> world.lock("a").tryAcquire(odd))
          .withMessageContaining("maxWait must be from zero to 100 years");
      assertThatIllegalArgumentException().isThrownBy(() -> world.lock("a").acquire(odd));
    }
    assertThat(world.backend.calls).isEmpty();
  }

  /** W1, W2: contention is an empty answer, and nothing of it stays. */
  @Test
  void tryAcquire_heldElsewhere_isEmpty() throws Exception {
    world.store.occupy("a");
    assertThat(world.lock("a").tryAcquire()).isEmpty();
    assertThat(world.lock("a").tryAcquire(Duration.ZERO)).isEmpty();
    assertThat(world.backend.claimed).noneMatch(Claim::queue);
    assertThat(world.backend.released).isEmpty();
    assertThat(Peek.names(world.engine)).isEmpty();
  }

  /** The exception of a wait says who was in the way. */
  @Test
  void acquireInTime_heldElsewhere_saysByWhom() throws Exception {
    world.store.occupy("a");
    var waiting = Background.waiting(() -> world.lock("a").acquire(Duration.ofSeconds(1)));
    Await.until("asked", () -> world.backend.claimed.size() >= 1 && world.time.scheduled() >= 2);
    for (int i = 0; i < 100; i++) {
      world.advance(Duration.ofMillis(11));
      Await.parked(waiting.thread);
    }
    assertThat(waiting.failure())
        .isInstanceOfSatisfying(
            LockTimeoutException.class,
            e -> assertThat(e.holder().map(LockHolder::description)).contains("stranger/1"))
        .hasMessage(
            "lock 'a' (fake) was not acquired within PT1S: held by stranger/1, fencing token 1");
  }

  /** Not reentrant, and the message says so. */
  @Test
  void acquireInTime_heldHere_saysSo() throws Exception {
    Handle held = world.held("a");
    var waiting = Background.waiting(() -> world.lock("a").acquire(Duration.ofSeconds(1)));
    Await.until("it has its alarm", () -> world.time.scheduled() >= 3);
    world.advance(Duration.ofSeconds(1));
    assertThat(waiting.failure())
        .isInstanceOf(LockTimeoutException.class)
        .hasMessageEndingWith("held by this client (locks are not reentrant)");
    assertThat(held.isHeld()).isTrue();
  }

  /** W3: a wake-up that is lost costs a poll interval. */
  @Test
  void waiting_wakeUpIsLost_isNoticedWithinThePollInterval() {
    world = World.builder(STORE.withWakeUps()).build();
    world.backend.onClaim =
        claim -> done(new Waiting(new CompletableFuture<>(), Duration.ofDays(1), Optional.empty()));
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    world.backend.onClaim = world.backend::answer;
    world.advance(Duration.ofSeconds(1));
    assertThat(World.now(future).isHeld()).isTrue();
  }

  /** W5: a wake-up makes the waiter ask once. */
  @Test
  void waiting_wokenUp_asksAtOnce() {
    world = World.builder(STORE.withWakeUps()).build();
    CompletableFuture<ClaimOutcome> next = new CompletableFuture<>();
    world.backend.onClaim = claim -> done(new Waiting(next, World.LEASE, Optional.empty()));
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    assertThat(world.backend.claimed).hasSize(1);
    world.backend.onClaim = world.backend::answer;
    next.complete(Waiting.askAgain());
    assertThat(world.backend.claimed).hasSize(2);
    assertThat(World.now(future).isHeld()).isTrue();
  }

  /** A store that says "ask again" for ever is asked for ever, in peace and without recursion. */
  @Test
  void waiting_alreadyWoken_asksAgainAfterAPause() {
    world = World.builder(STORE.withWakeUps()).build();
    world.backend.onClaim =
        claim -> done(new Waiting(done(Waiting.askAgain()), Duration.ZERO, Optional.empty()));
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    assertThat(world.backend.claimed).hasSize(1);
    world.advance(Duration.ofSeconds(20));
    assertThat(world.backend.claimed).hasSizeBetween(10_000, 20_001);
    world.backend.onClaim = world.backend::answer;
    world.advance(Duration.ofSeconds(1));
    assertThat(World.now(future).isHeld()).isTrue();
  }

  /** The store may push the grant. */
  @Test
  void waiting_grantIsPushed_isALockAndAnotherAnswerDoesNoHarm() {
    world = World.queued();
    world.store.occupy("a");
    CompletableFuture<ClaimOutcome> next = new CompletableFuture<>();
    world.backend.onClaim = claim -> done(new Waiting(next, World.LEASE, Optional.empty()));
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    next.complete(granted(7, world.time.now()));
    assertThat(World.now(future).fencingToken()).isEqualTo(7);
    assertThat(world.backend.released).isEmpty();
  }

  /** A place in the queue that is gone is asked for again. */
  @Test
  void gone_whileWaiting_asksAgain() {
    world = World.queued();
    world.store.occupy("a");
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    world.backend.onClaim = claim -> done(granted(9, world.time.now()));
    world.engine.gone(world.backend.claimed.get(0), LossReason.SESSION_LOST);
    assertThat(World.now(future).fencingToken()).isEqualTo(9);
  }

  /** The observer sees each step, and what it throws is no matter. */
  @Test
  void observer_throwsEverywhere_changesNothing() throws Exception {
    Set<String> seen = new HashSet<>();
    world =
        World.builder(STORE).options(options -> options.observer(new RudeObserver(seen))).build();
    Handle held = world.held("a");
    world.advance(World.PERIOD);
    assertThat(world.lock("a").tryAcquire()).isEmpty();
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    world.store.occupy("a");
    CompletableFuture<LockHandle> waiting = world.lock("a").acquireAsync();
    assertThat(waiting.cancel(false)).isTrue();
    Handle lost = world.held("b");
    world.engine.gone(world.claimOf(lost), LossReason.REVOKED);
    assertThat(seen)
        .containsExactlyInAnyOrder(
            "attempted", "waiting", "granted", "notAcquired", "renewed", "lost", "released");
  }

  @Test
  void holder_asksTheStore() {
    world.backend.onInspect = done(FakeBackend.heldBy("host/1"));
    assertThat(world.lock("a").holder().map(LockHolder::description)).contains("host/1");
    assertThat(world.backend.calls).containsExactly("inspect a");
  }

  /** What a store throws at a question is an exception of ours, whichever way it comes. */
  @Test
  void holder_storeFails_isABackendException() {
    world.backend.onInspect = FakeBackend.away();
    assertThatExceptionOfType(LockBackendException.class)
        .isThrownBy(() -> world.lock("a").holder());
    world.backend.onInspect = null;
    assertThatExceptionOfType(LockBackendException.class)
        .isThrownBy(() -> world.lock("a").holder());
  }

  /** Blocking stores: the calls run on the caller's thread, and never on the timer's. */
  @Test
  void acquire_blockingStore_callsItOnTheCallersThread() throws Exception {
    world = World.blocking();
    Thread caller = Thread.currentThread();
    AtomicInteger elsewhere = new AtomicInteger();
    world.backend.onClaim =
        claim -> {
          if (Thread.currentThread() != caller) {
            elsewhere.incrementAndGet();
          }
          return world.backend.answer(claim);
        };
    try (LockHandle held = world.lock("a").acquire()) {
      assertThat(held.isHeld()).isTrue();
    }
    assertThat(elsewhere).hasValue(0);
    world.store.occupy("a");
    world.backend.onClaim = world.backend::answer;
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    world.advance(Duration.ofSeconds(3));
    world.store.delete("a");
    world.advance(Duration.ofSeconds(1));
    assertThat(World.now(future).isHeld()).isTrue();
  }

  /** The polls of a store that wakes nobody: quick behind short holds, seldom behind long ones. */
  @Test
  void poll_longHold_slowsDownToAQuarterOfTheInterval() {
    world.store.occupy("a");
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    world.advance(Duration.ofMillis(20));
    int first = world.backend.claimed.size();
    assertThat(first).isBetween(4, 15);
    world.advance(Duration.ofSeconds(60));
    int before = world.backend.claimed.size();
    world.advance(Duration.ofSeconds(10));
    assertThat(world.backend.claimed.size() - before).isBetween(40, 80);
    assertThat(future.cancel(false)).isTrue();
    world.advance(Duration.ofSeconds(1));
    int after = world.backend.claimed.size();
    world.advance(Duration.ofSeconds(10));
    assertThat(world.backend.claimed).hasSize(after);
  }

  /** The polls come soon after the end of a lease that the store has told. */
  @Test
  void poll_leaseIsAboutToEnd_asksRightAfterIt() {
    world.backend.onClaim =
        claim ->
            done(
                Waiting.poll(
                    Duration.ofMillis(100),
                    Optional.of(
                        new LockHolder(
                            "x",
                            java.util.OptionalLong.of(1),
                            Optional.of(Duration.ofHours(1)),
                            Optional.empty()))));
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    world.advance(Duration.ofMillis(99));
    assertThat(world.backend.claimed).hasSize(1);
    world.advance(Duration.ofMillis(4));
    assertThat(world.backend.claimed).hasSize(2);
    assertThat(future.cancel(false)).isTrue();
  }

  /** Odd numbers of a backend are no overflow. */
  @Test
  void poll_endlessLease_isNoOverflow() {
    world.backend.onClaim =
        claim -> done(Waiting.poll(Duration.ofSeconds(Long.MAX_VALUE), Optional.empty()));
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    world.backend.onClaim = claim -> done(Waiting.poll(Duration.ofDays(-999), Optional.empty()));
    world.advance(Duration.ofSeconds(1));
    world.backend.onClaim = world.backend::answer;
    world.advance(Duration.ofSeconds(1));
    assertThat(World.now(future).isHeld()).isTrue();
  }

  /** The clock's origin is arbitrary. */
  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE - 1_000_000_000L, Long.MAX_VALUE - 10_000_000L, -1})
  void acquire_clockRunsOver_isTheSame(long origin) throws Exception {
    world = World.builder(STORE).origin(origin).build();
    world.store.occupy("a");
    var waiting = Background.waiting(() -> world.lock("a").tryAcquire(Duration.ofSeconds(3)));
    Await.until("asked", () -> world.backend.claimed.size() >= 1 && world.time.scheduled() >= 2);
    CompletableFuture<LockHandle> hanging = world.lock("b").acquireAsync();
    assertThat(hanging).isDone();
    world.backend.onRelease = claim -> FakeBackend.away();
    var unused = World.now(hanging).releaseAsync();
    for (int i = 0; i < 299; i++) {
      world.advance(Duration.ofMillis(10));
      Await.parked(waiting.thread);
    }
    assertThat(waiting.isDone()).isFalse();
    world.advance(Duration.ofMillis(11));
    assertThat(waiting.get()).isEmpty();
    world.backend.comeBack();
    world.advance(Duration.ofSeconds(2));
    assertThat(world.store.contents()).containsExactly("a held by stranger");
  }

  /** F1, A5: a stage that is completed twice over, by push and by answer, is one lock. */
  @Test
  void release_ofAPushedGrant_withdrawsNothingElse() {
    world = World.queued();
    World other = World.builder(STORE.withQueue()).beside(world).build();
    Handle first = other.held("a");
    CompletableFuture<LockHandle> second = world.lock("a").acquireAsync();
    CompletableFuture<LockHandle> third =
        World.builder(STORE.withQueue()).beside(world).build().lock("a").acquireAsync();
    assertThat(first.release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(second).isDone();
    assertThat(third).isNotDone();
    assertThat(World.now(second).release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(World.now(third).release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(ReleaseOutcome.values()).hasSize(2);
    assertNothingLeft();
  }

  /** W3: who waits without limit is not woken to set an alarm, and asks again all the same. */
  @Test
  void acquire_realClient_lostWakeUps_asksAgainOnItsOwnThread() throws Exception {
    LockCapabilities queued = STORE.withQueue();
    FakeStore store = new FakeStore(System::nanoTime);
    List<Thread> askedOn = new CopyOnWriteArrayList<>();
    try (LockClient client =
        LockClient.over(
            context -> {
              FakeBackend backend = new FakeBackend(store, context, queued, new VirtualTime(0));
              backend.onClaim =
                  claim -> {
                    askedOn.add(Thread.currentThread());
                    return askedOn.size() < 4
                        ? done(
                            new Waiting(
                                new CompletableFuture<>(),
                                Duration.ofMillis(askedOn.size() == 2 ? 20 : 150),
                                Optional.empty()))
                        : backend.answer(claim);
                  };
              return backend;
            })) {
      long start = System.nanoTime();
      client.lock("a").acquire().close();
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      assertThat(took).isGreaterThan(Duration.ofMillis(2 * 150 * 9 / 10));
      assertThat(askedOn).hasSize(4).containsOnly(Thread.currentThread());
    }
  }
}
