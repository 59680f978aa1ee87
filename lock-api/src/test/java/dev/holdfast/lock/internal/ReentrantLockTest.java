package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.ReentrantDistributedLock;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.spi.BackendFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The reentrant adapter, in virtual time. */
@SuppressWarnings("LockNotBeforeTry") // steps of a test, not critical sections
class ReentrantLockTest {

  private final World world = World.polled();
  private final ReentrantDistributedLock lock = reentrant("a");

  private ReentrantDistributedLock reentrant(String name) {
    return ReentrantDistributedLock.over(world.lock(name));
  }

  private void lose(LockHandle held) {
    world.store.delete(held.lockName());
    world.engine.gone(world.claimOf(held), LossReason.REVOKED);
  }

  @AfterEach
  void threadKeepsNothing() {
    assertThat(Thread.interrupted()).as("a flag that a test left").isFalse();
    assertThat(Peek.reentrantHolds()).as("what this thread keeps").isNull();
  }

  // Re-entry.

  @Test
  void lock_again_isAReentry_withoutTheStore() {
    lock.lock();
    LockHandle held = lock.handle();
    lock.lock();
    assertThat(lock.tryLock()).isTrue();
    assertThat(lock.getHoldCount()).isEqualTo(3);
    assertThat(lock.handle()).isSameAs(held);
    assertThat(world.backend.calls).containsExactly("claim a");
    lock.unlock();
    lock.unlock();
    assertThat(lock.isHeldByCurrentThread()).isTrue();
    assertThat(world.backend.released).isEmpty();
    lock.unlock();
    assertThat(lock.isHeldByCurrentThread()).isFalse();
    assertThat(lock.getHoldCount()).isZero();
    assertThat(world.store.contents()).isEmpty();
  }

  @Test
  void lock_everyWay_reenters() throws Exception {
    lock.lockInterruptibly();
    lock.lockInterruptibly();
    assertThat(lock.tryLock(0, TimeUnit.SECONDS)).isTrue();
    assertThat(lock.tryLock(-1, TimeUnit.SECONDS)).isTrue();
    assertThat(lock.getHoldCount()).isEqualTo(4);
    for (int i = 0; i < 4; i++) {
      lock.unlock();
    }
    assertThat(world.backend.claimed).hasSize(1);
    assertThat(world.backend.released).hasSize(1);
  }

  /** A library that makes its own adapter of the name must not wait for its caller. */
  @Test
  void adapters_ofOneClientAndName_areOneLock() {
    LockOptions longer = LockOptions.builder().lease(Duration.ofSeconds(30)).build();
    var same = ReentrantDistributedLock.over(world.lock("a", longer));
    lock.lock();
    same.lock();
    assertThat(same.getHoldCount()).isEqualTo(2);
    same.unlock();
    lock.unlock();
    assertThat(world.backend.claimed).hasSize(1);
  }

  @Test
  void adapters_ofOtherClientsOrNames_areOtherLocks() {
    World other = World.builder(world.engine.capabilities).beside(world).build();
    var rival = ReentrantDistributedLock.over(other.lock("a"));
    lock.lock();
    assertThat(rival.tryLock()).isFalse();
    assertThat(rival.isHeldByCurrentThread()).isFalse();
    assertThat(reentrant("b").isHeldByCurrentThread()).isFalse();
    lock.unlock();
    assertThat(rival.tryLock()).isTrue();
    rival.unlock();
  }

  /** H-102: each of two nested locks is released where it ends, whatever is thrown. */
  @Test
  void locks_nested_areReleasedInOrder() {
    ReentrantDistributedLock inner = reentrant("b");
    assertThatThrownBy(() -> nest(inner)).hasMessage("outer").hasNoSuppressedExceptions();
    assertThat(world.backend.calls).containsExactly("claim a", "claim b", "release b", "release a");
  }

  private void nest(ReentrantDistributedLock inner) throws IOException {
    lock.lock();
    try {
      assertThatThrownBy(
              () -> {
                inner.lock();
                try {
                  throw new IOException("inner");
                } finally {
                  inner.unlock();
                }
              })
          .hasMessage("inner");
      assertThat(lock.isHeldByCurrentThread()).isTrue();
      throw new IOException("outer");
    } finally {
      lock.unlock();
    }
  }

  // Whose it is.

  @Test
  void unlock_byAnotherThread_isRefused() throws Exception {
    lock.lock();
    Throwable thrown = Background.start(() -> catchThrowable(lock::unlock)).get();
    assertThat(thrown)
        .isInstanceOf(IllegalMonitorStateException.class)
        .hasMessageContainingAll("lock 'a' (fake)", "is not locked by thread background");
    assertThat(Background.start(lock::isHeldByCurrentThread).get()).isFalse();
    assertThat(Background.start(() -> catchThrowable(lock::handle)).get())
        .isInstanceOf(IllegalMonitorStateException.class);
    assertThat(lock.isHeldByCurrentThread()).isTrue();
    lock.unlock();
  }

  @Test
  void unlock_onceTooOften_isRefused() {
    assertThatThrownBy(lock::unlock).isInstanceOf(IllegalMonitorStateException.class);
    lock.lock();
    lock.unlock();
    assertThatThrownBy(lock::unlock).isInstanceOf(IllegalMonitorStateException.class);
    assertThat(world.backend.released).hasSize(1);
  }

  @Test
  void lock_heldByAnotherThread_waitsForItsUnlock() throws Exception {
    lock.lock();
    assertThat(Background.start(() -> lock.tryLock()).get()).isFalse();
    var waiter =
        Background.waiting(
            () -> {
              lock.lock();
              lock.unlock();
              return true;
            });
    lock.unlock();
    assertThat(waiter.get()).isTrue();
  }

  // Loss.

  /** H-25: what is asked for after a loss is a new acquisition, with a token of its own. */
  @Test
  void lock_afterALoss_isANewAcquisition() {
    List<LockLoss> losses = new ArrayList<>();
    lock.lock();
    LockHandle first = lock.handle();
    first.onLost(losses::add);
    lose(first);
    assertThat(losses).hasSize(1);
    assertThat(lock.isHeldByCurrentThread()).isFalse();
    assertThat(lock.getHoldCount()).isZero();
    assertThatThrownBy(() -> lock.handle().ensureHeld()).isInstanceOf(LockLostException.class);

    lock.lock();
    LockHandle second = lock.handle();
    assertThat(second.fencingToken()).isGreaterThan(first.fencingToken());
    assertThat(lock.getHoldCount()).isEqualTo(1);
    lock.unlock();
    assertThat(second.isHeld()).isFalse();
    assertThat(lock.handle()).isSameAs(first);
    lock.unlock(); // still owed by the outer block
    assertThatThrownBy(lock::unlock).isInstanceOf(IllegalMonitorStateException.class);
  }

  /** The outer unlocks of a lost lock do not touch the grant that came after it. */
  @Test
  void unlock_owedFromBeforeTheLoss_leavesTheSuccessor() throws Exception {
    lock.lock();
    lock.lock();
    lose(lock.handle());
    var successor =
        Background.start(
            () -> {
              lock.lock();
              return lock.handle();
            });
    LockHandle next = successor.get();
    lock.unlock();
    lock.unlock();
    assertThat(next.isHeld()).isTrue();
    assertThat(next.release()).isEqualTo(ReleaseResult.RELEASED);
  }

  /** H-70 and H-71: the body's exception comes out as it is, and the loss can be asked for. */
  @Test
  void unlock_afterALoss_hidesNothing() {
    IOException failure = new IOException("the body's own");
    List<LockHandle> held = new ArrayList<>();
    assertThatThrownBy(
            () -> {
              lock.lock();
              try {
                lock.lock();
                try {
                  held.add(lock.handle());
                  lose(lock.handle());
                  throw failure;
                } finally {
                  lock.unlock();
                }
              } finally {
                lock.unlock();
              }
            })
        .isSameAs(failure)
        .hasNoSuppressedExceptions();
    assertThat(held.get(0).release()).isEqualTo(ReleaseResult.ALREADY_LOST);
  }

  @Test
  void unlock_whenTheHandleWasReleased_doesNothing() {
    lock.lock();
    assertThat(lock.handle().release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(lock.isHeldByCurrentThread()).isFalse();
    lock.unlock();
    assertThat(world.backend.released).hasSize(1);
  }

  @Test
  void unlock_withTheStoreAway_gaveUpTheLockAllTheSame() {
    lock.lock();
    LockHandle held = lock.handle();
    world.backend.onRelease =
        claim -> CompletableFuture.failedFuture(BackendFailure.permanent("on purpose", null));
    lock.unlock();
    assertThat(held.isHeld()).isFalse();
    assertThat(held.release()).isEqualTo(ReleaseResult.UNCONFIRMED);
    assertThatThrownBy(lock::unlock).isInstanceOf(IllegalMonitorStateException.class);
  }

  /** H-19: what a dead thread held is given up, though its adapter is in use. */
  @Test
  void thread_thatDiesHolding_losesItsLock() throws Exception {
    var dead =
        Background.start(
            () -> {
              lock.lock();
              return lock.handle().fencingToken();
            });
    assertThat(dead.get()).isPositive();
    dead.thread.join();
    Await.until(
        "its lock is free",
        () -> {
          System.gc();
          world.advance(World.PERIOD);
          return lock.tryLock();
        });
    lock.unlock();
  }

  // Waiting.

  @Test
  void lock_interrupted_waitsOn_andKeepsTheFlag() throws Exception {
    lock.lock();
    var waiter =
        Background.waiting(
            () -> {
              lock.lock();
              boolean flag = Thread.interrupted();
              lock.unlock();
              return flag;
            });
    for (int i = 0; i < 3; i++) {
      waiter.thread.interrupt();
      Await.until("the wait begins anew", () -> !waiter.thread.isInterrupted());
      Await.parked(waiter.thread);
    }
    assertThat(waiter.isDone()).isFalse();
    lock.unlock();
    world.runUntilDone(waiter);
    assertThat(waiter.get()).as("interrupt flag").isTrue();
  }

  @Test
  void lock_withTheFlagSet_locksAndKeepsIt() {
    Thread.currentThread().interrupt();
    lock.lock();
    assertThat(lock.tryLock()).isTrue();
    assertThat(reentrant("b").tryLock()).isTrue();
    reentrant("b").unlock();
    lock.unlock();
    lock.unlock();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(world.store.contents()).isEmpty();
  }

  @Test
  void lockInterruptibly_interrupted_throws() throws Exception {
    lock.lock();
    Thread.currentThread().interrupt();
    assertThatThrownBy(lock::lockInterruptibly).isInstanceOf(InterruptedException.class);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> lock.tryLock(1, TimeUnit.SECONDS))
        .isInstanceOf(InterruptedException.class);
    var first = Background.waiting(() -> catchThrowable(lock::lockInterruptibly));
    var second = Background.waiting(() -> catchThrowable(() -> lock.tryLock(1, TimeUnit.HOURS)));
    first.thread.interrupt();
    second.thread.interrupt();
    assertThat(first.get()).isInstanceOf(InterruptedException.class);
    assertThat(second.get()).isInstanceOf(InterruptedException.class);
    assertThat(lock.getHoldCount()).isEqualTo(1);
    lock.unlock();
    assertThat(Peek.names(world.engine)).isEmpty();
  }

  @Test
  void tryLock_ofAHeldLock_isFalseInTime() throws Exception {
    world.store.occupy("a");
    assertThat(lock.tryLock()).isFalse();
    assertThat(lock.tryLock(0, TimeUnit.DAYS)).isFalse();
    assertThat(lock.tryLock(Long.MIN_VALUE, TimeUnit.DAYS)).isFalse();
    long start = world.time.now();
    var waiter = Background.waiting(() -> lock.tryLock(3, TimeUnit.SECONDS));
    world.runUntilDone(waiter);
    assertThat(waiter.get()).isFalse();
    assertThat(world.time.now() - start).isBetween(3_000_000_000L, 3_100_000_000L);
  }

  /** "For ever" is written in many ways. */
  @ParameterizedTest
  @EnumSource(TimeUnit.class)
  void tryLock_withTheLongestTime_waitsForAsLongAsItTakes(TimeUnit unit) throws Exception {
    lock.lock();
    var waiter =
        Background.waiting(
            () -> {
              boolean locked = lock.tryLock(Long.MAX_VALUE, unit);
              lock.unlock();
              return locked;
            });
    lock.unlock();
    assertThat(waiter.get()).isTrue();
  }

  @Test
  void tryLock_withTheStoreAway_isNoAnswer() {
    world.backend.onClaim =
        claim -> CompletableFuture.failedFuture(BackendFailure.permanent("on purpose", null));
    assertThatThrownBy(lock::tryLock).isInstanceOf(LockBackendException.class);
    assertThatThrownBy(lock::lock).isInstanceOf(LockBackendException.class);
    assertThatThrownBy(lock::unlock).isInstanceOf(IllegalMonitorStateException.class);
  }

  @Test
  void lock_ofAClosedClient_isRefused() {
    world.client.close();
    assertThatThrownBy(lock::lock).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(lock::tryLock).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void newCondition_isRefused_andSaysWhy() {
    assertThatThrownBy(lock::newCondition)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContainingAll("lock 'a' (fake)", "threads of other processes");
  }

  @Test
  void names_manyUsedOnce_leaveNothing() {
    for (int i = 0; i < 10_000; i++) {
      ReentrantDistributedLock once = reentrant("n" + i);
      once.lock();
      once.lock();
      once.unlock();
      once.unlock();
      if (i % 500 == 0) {
        world.backend.forget();
      }
    }
    assertThat(Peek.names(world.engine)).isEmpty();
  }
}
