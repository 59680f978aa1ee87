package dev.holdfast.lock.testkit.contract;

import static dev.holdfast.lock.testkit.contract.ContractTest.get;
import static dev.holdfast.lock.testkit.contract.ContractTest.since;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.fault.Fault;
import dev.holdfast.lock.testkit.fault.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** One holder at a time, and no grant that cannot be trusted: X1 and X3. */
public interface ExclusionContract extends ContractTest {

  /** X1: whoever enters is alone, however many threads and clients compete. */
  @Test
  default void acquire_byManyThreadsOfManyClients_neverOverlaps() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Future<Integer>> workers = new ArrayList<>();
    long end = System.nanoTime() + Duration.ofMillis(1500).toNanos();
    for (int c = 0; c < 3; c++) {
      DistributedLock lock = client().lock(name());
      for (int t = 0; t < 4; t++) {
        workers.add(start(() -> enterUntil(end, lock, inside, most)));
      }
    }
    for (Future<Integer> worker : workers) {
      assertThat(get(worker)).isPositive();
    }
    assertThat(most).as("holders inside at one time").hasValue(1);
  }

  private static int enterUntil(
      long end, DistributedLock lock, AtomicInteger inside, AtomicInteger most) throws Exception {
    int entries = 0;
    do {
      try (LockHandle held = lock.acquire(Duration.ofSeconds(20))) {
        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
        held.ensureHeld();
        LockSupport.parkNanos(1000);
        inside.decrementAndGet();
        entries++;
      }
    } while (System.nanoTime() - end < 0);
    return entries;
  }

  /** X1: two lock objects of one name are one lock, and it is not reentrant. */
  @Test
  default void tryAcquire_ofAHeldLock_isEmpty_alsoForItsHolder() throws Exception {
    TestClient a = client();
    TestClient b = client();
    LockHandle held = a.hold(name());
    assertThat(a.lock(name()).tryAcquire()).isEmpty();
    assertThat(b.lock(name()).tryAcquire()).isEmpty();
    held.close();
    assertThat(b.lock(name()).tryAcquire()).isPresent();
  }

  /** X1: many see the same holder run out at once, and one takes over. */
  @Test
  default void takeOver_byManyClients_hasOneWinner() throws Exception {
    TestClient dead = client();
    LockHandle held = dead.hold(name());
    List<Future<Optional<LockHandle>>> rivals = new ArrayList<>();
    dead.silence();
    Duration wait = lease().plus(grace());
    for (int i = 0; i < 5; i++) {
      DistributedLock lock = client().lock(name());
      rivals.add(start(() -> lock.tryAcquire(wait)));
    }
    int winners = 0;
    for (Future<Optional<LockHandle>> rival : rivals) {
      winners += get(rival).isPresent() ? 1 : 0;
    }
    assertThat(winners).isEqualTo(1);
    assertThat(held.isHeld()).isFalse();
  }

  /** X3: an acquire whose answer was lost still gets the lock, long before a lease is over. */
  @Test
  default void acquire_whoseAnswerIsLost_getsTheLockAllTheSame() throws Exception {
    TestClient a = client(options().lease(lease().multipliedBy(2)));
    a.line().next(Operation.CLAIM, Fault.loseTheReply());
    long start = System.nanoTime();
    LockHandle held = a.lock(name()).acquire(lease().multipliedBy(3));
    Duration noticed = patience().multipliedBy(5).dividedBy(4); // it looks four times per patience
    assertThat(since(start)).isLessThan(noticed.plus(grace()));
    assertThat(held.isHeld()).isTrue();
  }

  /** X3: a grant that nobody heard of is given back at once, not after its lease. */
  @Test
  default void tryAcquire_whoseAnswerIsLost_leavesTheLockFree() throws Exception {
    TestClient a = client(options().lease(lease().multipliedBy(3)));
    TestClient b = client();
    a.line().next(Operation.CLAIM, Fault.loseTheReply());
    assertThatThrownBy(() -> a.lock(name()).tryAcquire()).isInstanceOf(LockBackendException.class);
    long start = System.nanoTime();
    LockHandle held = b.lock(name()).acquire(lease().multipliedBy(4));
    // Left to its lease, it would be free when about two of ours have passed.
    assertThat(since(start)).as("until the lock was free").isLessThan(lease());
    assertThat(held.isHeld()).isTrue();
  }

  /** X3: a grant that arrives when its lease may be over is given back, not returned. */
  @Test
  default void acquire_whoseAnswerIsOlderThanTheLease_returnsNoStaleHandle() throws Exception {
    TestClient a = client(options().operationTimeout(lease().multipliedBy(3)));
    TestClient b = client();
    a.line().next(Operation.CLAIM, Fault.delayTheReply(lease().plusMillis(100)));
    Future<Boolean> late = start(() -> holdBriefly(a.lock(name())));
    Await.until("the claim", grace(), () -> a.line().count(Operation.CLAIM) > 0);
    Future<Boolean> next = start(() -> holdBriefly(b.lock(name())));
    assertThat(get(next)).as("held when B's acquire returned").isTrue();
    assertThat(get(late)).as("held when A's acquire returned").isTrue();
  }

  private static boolean holdBriefly(DistributedLock lock) throws InterruptedException {
    try (LockHandle held = lock.acquire(Duration.ofSeconds(20))) {
      return held.isHeld();
    }
  }

  /** X3: an interrupted acquire has the lock or has not; it never leaves it behind. */
  @Test
  default void acquire_interruptedAtAnyMoment_isGrantedOrWithdrawn() throws Exception {
    TestClient a = client(options().lease(lease().multipliedBy(3))); // what is left, is so for long
    TestClient b = client();
    for (int i = 0; i < 50; i++) {
      AtomicInteger interrupted = new AtomicInteger();
      Future<?> work =
          start(
              () -> {
                try (LockHandle held = a.lock(name()).acquire()) {
                  assertThat(held.isHeld()).isTrue();
                } catch (InterruptedException e) {
                  interrupted.incrementAndGet();
                }
                return null;
              });
      TimeUnit.MICROSECONDS.sleep(ThreadLocalRandom.current().nextInt(2000));
      work.cancel(true);
      long start = System.nanoTime();
      b.lock(name()).acquire(lease().multipliedBy(4)).close();
      assertThat(since(start)).as("wait after the interrupt").isLessThan(lease());
    }
  }
}
