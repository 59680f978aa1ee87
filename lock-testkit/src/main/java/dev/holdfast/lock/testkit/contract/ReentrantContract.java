package dev.holdfast.lock.testkit.contract;

import static dev.holdfast.lock.testkit.contract.ContractTest.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.ReentrantDistributedLock;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.fault.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The reentrant adapter, which a thread may take as often as it likes: P6. */
@SuppressWarnings("LockNotBeforeTry") // steps of a test, not critical sections
public interface ReentrantContract extends ContractTest {

  /** With a time limit, its own or that of its next question, or without. */
  Set<Thread.State> PARKED = Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);

  private ReentrantDistributedLock reentrant(TestClient client) {
    return ReentrantDistributedLock.over(client.lock(name()));
  }

  /** P6: re-entries ask nothing of the store; the last unlock frees the lock, and no other. */
  @Test
  default void lock_byItsHolder_isReentered_untilTheLastUnlock() throws Exception {
    TestClient a = client();
    ReentrantDistributedLock lock = reentrant(a);
    ReentrantDistributedLock rival = reentrant(client());
    lock.lock();
    long claims = a.line().count(Operation.CLAIM);
    long token = lock.handle().fencingToken();
    lock.lockInterruptibly();
    assertThat(reentrant(a).tryLock()).as("by another adapter of the name").isTrue();
    assertThat(lock.tryLock(1, TimeUnit.SECONDS)).isTrue();
    assertThat(lock.handle().fencingToken()).isEqualTo(token);
    assertThat(a.line().count(Operation.CLAIM)).isEqualTo(claims);
    for (int left = 3; left > 0; left--) {
      lock.unlock();
      assertThat(lock.getHoldCount()).isEqualTo(left);
      assertThat(rival.tryLock()).isFalse();
    }
    lock.unlock();
    assertThat(rival.tryLock(grace().toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    assertThat(rival.handle().fencingToken()).isGreaterThan(token);
    rival.unlock();
  }

  /** P6: it is its thread's. */
  @Test
  default void unlock_byAnotherThread_isRefused() throws Exception {
    ReentrantDistributedLock lock = reentrant(client());
    assertThatThrownBy(lock::unlock).isInstanceOf(IllegalMonitorStateException.class);
    lock.lock();
    Future<Boolean> other =
        start(
            () -> {
              assertThatThrownBy(lock::unlock).isInstanceOf(IllegalMonitorStateException.class);
              return lock.isHeldByCurrentThread() || lock.tryLock();
            });
    assertThat(get(other)).as("held by another thread").isFalse();
    assertThat(lock.isHeldByCurrentThread()).isTrue();
    lock.unlock();
    assertThatThrownBy(lock::unlock).isInstanceOf(IllegalMonitorStateException.class);
  }

  /** P6: after a loss a thread acquires anew, and what it still has to unlock hides nothing. */
  @Test
  default void lock_afterALoss_isANewAcquisition() throws Exception {
    ReentrantDistributedLock lock = reentrant(client());
    IOException failure = new IOException("the body's own");
    List<LockHandle> grants = new ArrayList<>();
    assertThatThrownBy(
            () -> {
              lock.lock();
              try {
                loseAndLockAgain(lock, grants);
                throw failure;
              } finally {
                lock.unlock();
              }
            })
        .isSameAs(failure)
        .hasNoSuppressedExceptions();
    assertThat(grants.get(1).fencingToken()).isGreaterThan(grants.get(0).fencingToken());
    assertThat(grants.get(0).release()).isEqualTo(ReleaseResult.ALREADY_LOST);
    assertThat(grants.get(1).release()).isEqualTo(ReleaseResult.RELEASED);
    assertThatThrownBy(lock::unlock).isInstanceOf(IllegalMonitorStateException.class);
  }

  private void loseAndLockAgain(ReentrantDistributedLock lock, List<LockHandle> grants)
      throws Exception {
    grants.add(lock.handle());
    CompletableFuture<Boolean> held = new CompletableFuture<>();
    lock.handle().onLost(loss -> held.complete(grants.get(0).isHeld()));
    deleteRecord(name());
    assertThat(held.get(30, TimeUnit.SECONDS)).as("held when told of the loss").isFalse();
    assertThat(lock.isHeldByCurrentThread()).isFalse();
    lock.lock();
    try {
      grants.add(lock.handle());
      assertThat(lock.isHeldByCurrentThread()).isTrue();
    } finally {
      lock.unlock();
    }
    assertThat(lock.isHeldByCurrentThread()).isFalse();
  }

  /** P6: an interrupt ends no lock(), only those waits that say so. */
  @Test
  default void lock_interrupted_waitsOn() throws Exception {
    LockHandle held = client().hold(name());
    Lock lock = reentrant(client());
    List<CompletableFuture<Thread>> threads = new ArrayList<>();
    List<Future<Boolean>> waits = new ArrayList<>();
    waits.add(start(named(threads, () -> waits(lock))));
    waits.add(start(named(threads, () -> isInterrupted(lock::lockInterruptibly))));
    waits.add(start(named(threads, () -> isInterrupted(() -> lock.tryLock(1, TimeUnit.HOURS)))));
    for (CompletableFuture<Thread> thread : threads) {
      Thread waiter = thread.get(10, TimeUnit.SECONDS);
      Await.until("the wait", lease(), () -> PARKED.contains(waiter.getState()));
      waiter.interrupt();
    }
    assertThat(get(waits.get(1))).isTrue();
    assertThat(get(waits.get(2))).isTrue();
    ContractTest.pass(Duration.ofMillis(50));
    assertThat(waits.get(0)).isNotDone();
    held.close();
    assertThat(get(waits.get(0))).as("interrupt flag after lock()").isTrue();
  }

  private static Callable<Boolean> named(
      List<CompletableFuture<Thread>> threads, Callable<Boolean> wait) {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    threads.add(thread);
    return () -> {
      thread.complete(Thread.currentThread());
      return wait.call();
    };
  }

  private static boolean waits(Lock lock) {
    lock.lock();
    boolean flag = Thread.interrupted();
    lock.unlock();
    return flag;
  }

  private static boolean isInterrupted(ThrowingCallable wait) {
    assertThatThrownBy(wait).isInstanceOf(InterruptedException.class);
    return true;
  }

  /** P6: whoever enters is alone, however many threads and clients compete and re-enter. */
  @Test
  default void lock_byManyThreadsOfManyClients_neverOverlaps() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    List<Future<Integer>> workers = new ArrayList<>();
    long end = System.nanoTime() + Duration.ofMillis(700).toNanos();
    for (int c = 0; c < 2; c++) {
      Lock lock = reentrant(client());
      for (int t = 0; t < 3; t++) {
        workers.add(start(() -> enterUntil(end, lock, inside)));
      }
    }
    for (Future<Integer> worker : workers) {
      assertThat(get(worker)).isPositive();
    }
  }

  private static int enterUntil(long end, Lock lock, AtomicInteger inside) {
    int entries = 0;
    do {
      lock.lock();
      try {
        assertThat(inside.incrementAndGet()).as("threads inside").isEqualTo(1);
        lock.lock();
        lock.unlock();
        inside.decrementAndGet();
        entries++;
      } finally {
        lock.unlock();
      }
    } while (System.nanoTime() - end < 0);
    return entries;
  }
}
