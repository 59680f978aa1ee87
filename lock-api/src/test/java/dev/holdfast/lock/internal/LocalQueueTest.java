package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.LockCapabilities;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Those of one client that want the same name. */
class LocalQueueTest {

  private static final LockCapabilities STORE = LockCapabilities.of("fake");

  enum Kind {
    POLLED,
    QUEUED,
    BLOCKING;

    LockCapabilities store() {
      return switch (this) {
        case POLLED -> STORE;
        case QUEUED -> STORE.withQueue();
        case BLOCKING -> STORE.withBlocking();
      };
    }
  }

  private World world = World.queued();

  @AfterEach
  void timerCalledNoBackend() {
    assertThat(world.backend.violations).isEmpty();
  }

  private List<CompletableFuture<LockHandle>> waiters(String name, int count) {
    List<CompletableFuture<LockHandle>> waiters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      waiters.add(world.lock(name).acquireAsync());
    }
    return waiters;
  }

  private static long done(List<? extends Future<?>> futures) {
    return futures.stream().filter(Future::isDone).count();
  }

  private void assertNothingLeft() {
    assertThat(world.store.contents()).isEmpty();
    assertThat(Peek.names(world.engine)).isEmpty();
    assertThat(world.engine.overdue.all()).isEmpty();
    assertThat(world.engine.renewals.holds()).isEmpty();
  }

  /** W4, W5: in order of arrival, and one of them at the store. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void acquire_manyOfOneClient_areServedInOrderWithOneAtTheStore(Kind kind) {
    world = World.builder(kind.store()).build();
    Handle held = world.held("a");
    List<CompletableFuture<LockHandle>> waiters = waiters("a", 20);
    world.advance(Duration.ofSeconds(2));
    assertThat(world.backend.claimed).hasSize(1);
    for (int i = 0; i < 20; i++) {
      assertThat(done(waiters)).isEqualTo(i);
      assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
      world.advance(Duration.ofMillis(10));
      held = World.now(waiters.get(i));
      assertThat(held.isHeld()).isTrue();
    }
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(world.backend.claimed).hasSize(21);
    assertNothingLeft();
  }

  /** W5: release and next claim go out together, without an answer in between. */
  @Test
  void release_withAWaiter_handsOverBackToBack() {
    Handle held = world.held("a");
    CompletableFuture<LockHandle> next = world.lock("a").acquireAsync();
    world.backend.hang();
    CompletableFuture<ReleaseResult> released = held.releaseAsync();
    assertThat(released).isNotDone();
    assertThat(world.backend.calls)
        .containsExactly("claim a", "handOver a", "release a", "claim a");
    assertThat(next).isNotDone();
  }

  /** W5: names are independent. */
  @Test
  void acquire_otherName_doesNotWait() {
    Handle first = world.held("a");
    CompletableFuture<LockHandle> waiting = world.lock("a").acquireAsync();
    assertThat(world.held("b").isHeld()).isTrue();
    assertThat(waiting).isNotDone();
    assertThat(first.isHeld()).isTrue();
  }

  /** W5: asking once does not queue, and does not ask a store that would say no. */
  @Test
  void tryAcquire_occupiedHere_isEmptyWithoutIo() throws Exception {
    Handle held = world.held("a");
    assertThat(world.lock("a").tryAcquire()).isEmpty();
    assertThat(world.backend.claimed).hasSize(1);
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(world.lock("a").tryAcquire()).isPresent();
  }

  /** W4: where the store keeps no queue, a client cannot keep a name to itself. */
  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"POLLED", "BLOCKING"})
  void handOver_forTooLong_letsAnotherClientIn(Kind kind) {
    world = World.builder(kind.store()).build();
    World other = World.builder(kind.store()).beside(world).seed(7).build();
    Handle held = world.held("a");
    CompletableFuture<LockHandle> stranger = other.lock("a").acquireAsync();
    List<CompletableFuture<LockHandle>> waiters = waiters("a", 100);
    int turns = 0;
    for (; turns < 100 && !stranger.isDone(); turns++) {
      world.advance(Duration.ofMillis(5));
      assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
      world.advance(Duration.ofMillis(5));
      held = stranger.isDone() ? World.now(stranger) : World.now(waiters.get(turns));
    }
    assertThat(turns).isBetween(2, 30);
  }

  /** W4: also if there are only two, who take turns, so that nobody waits when one is granted. */
  @Test
  void handOver_twoTakingTurns_letAnotherClientIn() {
    world = World.polled();
    World other = World.builder(STORE).beside(world).seed(7).build();
    Handle held = world.held("a");
    CompletableFuture<LockHandle> stranger = other.lock("a").acquireAsync();
    int turns = 0;
    for (; turns < 300 && !stranger.isDone(); turns++) {
      CompletableFuture<LockHandle> next = world.lock("a").acquireAsync();
      world.advance(Duration.ofMillis(1));
      assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
      for (int i = 0; i < 100 && !next.isDone() && !stranger.isDone(); i++) {
        world.advance(Duration.ofMillis(1));
      }
      held = stranger.isDone() ? World.now(stranger) : World.now(next);
    }
    assertThat(turns).isBetween(10, 200);
  }

  /** W4: where the store keeps the order, it decides: no cap. */
  @Test
  void handOver_storeWithQueue_neverStandsBack() {
    World other = World.builder(STORE.withQueue()).beside(world).build();
    Handle held = world.held("a");
    List<CompletableFuture<LockHandle>> waiters = waiters("a", 3);
    CompletableFuture<LockHandle> stranger = other.lock("a").acquireAsync();
    world.advance(Duration.ofSeconds(10));
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    Handle served = World.now(stranger);
    assertThat(waiters).noneMatch(Future::isDone);
    assertThat(served.release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(waiters.get(0)).isDone();
  }

  /** W1: one who gave up while waiting here is passed over. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void cancel_inTheLocalQueue_isPassedOver(Kind kind) {
    world = World.builder(kind.store()).build();
    Handle held = world.held("a");
    List<CompletableFuture<LockHandle>> waiters = waiters("a", 10);
    for (int i = 0; i < 9; i++) {
      assertThat(waiters.get(i).cancel(false)).isTrue();
    }
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    world.advance(Duration.ofMillis(10));
    assertThat(World.now(waiters.get(9)).release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(world.backend.claimed).hasSize(2);
    assertNothingLeft();
  }

  /** W1: one who gives up while it asks passes the turn on. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void cancel_whileItAsks_passesTheTurnOn(Kind kind) {
    world = World.builder(kind.store()).build();
    world.store.occupy("a");
    List<CompletableFuture<LockHandle>> waiters = waiters("a", 3);
    world.advance(Duration.ofMillis(5));
    assertThat(waiters.get(0).cancel(false)).isTrue();
    world.store.delete("a");
    world.advance(Duration.ofSeconds(1));
    assertThat(World.now(waiters.get(1)).release()).isEqualTo(ReleaseResult.RELEASED);
    world.advance(Duration.ofMillis(10));
    assertThat(World.now(waiters.get(2)).release()).isEqualTo(ReleaseResult.RELEASED);
    assertNothingLeft();
  }

  /** A loss passes the name on inside the client as well. */
  @ParameterizedTest
  @EnumSource(
      value = LossReason.class,
      names = {"REVOKED", "SESSION_LOST"})
  void loss_withAWaiter_letsItAsk(LossReason reason) {
    world = World.polled();
    Handle held = world.held("a");
    CompletableFuture<LockHandle> waiting = world.lock("a").acquireAsync();
    world.store.delete("a");
    world.engine.gone(world.claimOf(held), reason);
    assertThat(World.now(waiting).isHeld()).isTrue();
    assertThat(World.now(waiting).release()).isEqualTo(ReleaseResult.RELEASED);
    assertNothingLeft();
  }

  /** A hold that is lost before the queue has heard of the grant does not disturb its successor. */
  @Test
  void loss_insideTheGrant_leavesTheQueueWhole() {
    world = World.polled();
    List<CompletableFuture<LockHandle>> waiters = new ArrayList<>();
    Handle held = world.held("a");
    waiters.add(world.lock("a").acquireAsync());
    waiters.add(world.lock("a").acquireAsync());
    AtomicInteger renewals = new AtomicInteger();
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    Handle second = World.now(waiters.get(0));
    world.engine.gone(world.claimOf(second), LossReason.REVOKED);
    world.engine.queues.granted(
        new Acquisition(world.lock("a"), 1, null, renewals::incrementAndGet), false, 0);
    world.store.delete("a");
    world.advance(Duration.ofSeconds(1));
    assertThat(World.now(waiters.get(1)).release()).isEqualTo(ReleaseResult.RELEASED);
    assertNothingLeft();
  }

  /** Thousands behind a store that fails at once are told one after another, without recursion. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void fail_thousandsOfWaiters_areAllTold(Kind kind) {
    world = World.builder(kind.store()).build();
    Handle held = world.held("a");
    List<CompletableFuture<LockHandle>> waiters = waiters("a", 20_000);
    world.backend.onClaim =
        claim -> CompletableFuture.failedFuture(BackendFailure.permanent("no right", null));
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    world.advance(Duration.ofSeconds(1));
    assertThat(waiters).allMatch(CompletableFuture::isCompletedExceptionally);
    assertNothingLeft();
  }

  /** Thousands are handed the lock one after another, and none is left over. */
  @Test
  void handOver_thousandsOfWaiters_areAllServed() {
    Handle held = world.held("a");
    List<CompletableFuture<LockHandle>> waiters = waiters("a", 5_000);
    AtomicInteger served = new AtomicInteger();
    QueuedExecutor later = new QueuedExecutor();
    for (CompletableFuture<LockHandle> waiter : waiters) {
      var unused =
          waiter.thenComposeAsync(
              handle -> {
                served.incrementAndGet();
                return handle.releaseAsync();
              },
              later);
    }
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    later.runAll();
    assertThat(served).hasValue(5_000);
    assertNothingLeft();
  }

  /** S1: names that were used once leave nothing. */
  @Test
  void acquire_manyNames_leavesNothing() {
    for (int i = 0; i < 10_000; i++) {
      assertThat(world.held("name-" + i).release()).isEqualTo(ReleaseResult.RELEASED);
    }
    assertNothingLeft();
    assertThat(Peek.groups(world.engine)).hasSizeLessThan(3);
  }

  /** A9: a hand-over that the driver fails is a release that is repeated and a claim that fails. */
  @Test
  void handOver_driverThrows_losesNoTurn() {
    Handle held = world.held("a");
    List<CompletableFuture<LockHandle>> waiters = waiters("a", 2);
    world.backend.onRelease =
        claim -> {
          throw new OnPurpose("thrown by a driver");
        };
    CompletableFuture<ReleaseResult> released = held.releaseAsync();
    assertThat(waiters.get(0)).isCompletedExceptionally();
    world.backend.comeBack();
    world.advance(Duration.ofSeconds(5));
    assertThat(released).isCompletedWithValue(ReleaseResult.RELEASED);
    assertThat(World.now(waiters.get(1)).release()).isEqualTo(ReleaseResult.RELEASED);
    assertNothingLeft();
  }

  /** H-102: nested locks, in both orders of release. */
  @Test
  void acquire_nested_releasesTheRightOnes() throws Exception {
    try (LockHandle outer = world.lock("outer").acquire()) {
      try (LockHandle inner = world.lock("inner").acquire()) {
        assertThat(inner.isHeld()).isTrue();
      }
      assertThat(outer.isHeld()).isTrue();
      assertThat(world.store.contents()).hasSize(1);
    }
    LockHandle outer = world.lock("outer").acquire();
    LockHandle inner = world.lock("inner").acquire();
    outer.close();
    assertThat(inner.isHeld()).isTrue();
    inner.close();
    assertNothingLeft();
  }

  /** X1: threads that fight for one name, with cancels, never overlap and none is forgotten. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void acquire_manyThreads_neverTwoAtOnce(Kind kind) throws Exception {
    world = World.builder(kind.store()).build();
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger served = new AtomicInteger();
    List<Background<Void>> threads = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      int seed = t;
      threads.add(
          Background.start(
              () -> {
                for (int i = 0; i < 300; i++) {
                  if ((i + seed) % 5 == 0) {
                    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
                    if (!future.cancel(false)) {
                      future.join().close(); // granted before it could be cancelled
                    }
                    continue;
                  }
                  try (LockHandle held = world.lock("a").acquire()) {
                    if (inside.incrementAndGet() != 1) {
                      throw new AssertionError("two at once");
                    }
                    served.addAndGet(held.isHeld() ? 1 : 0);
                    inside.decrementAndGet();
                  }
                }
                return null;
              }));
    }
    for (Background<Void> thread : threads) {
      world.runUntilDone(thread);
      assertThat(thread.get()).isNull();
    }
    assertThat(served).hasValue(8 * 240);
    world.advance(Duration.ofSeconds(10));
    assertNothingLeft();
  }
}
