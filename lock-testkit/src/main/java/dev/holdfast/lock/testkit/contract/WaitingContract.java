package dev.holdfast.lock.testkit.contract;

import static dev.holdfast.lock.testkit.contract.ContractTest.get;
import static dev.holdfast.lock.testkit.contract.ContractTest.since;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.LockObserver;
import dev.holdfast.lock.LockTimeoutException;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.fault.Fault;
import dev.holdfast.lock.testkit.fault.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Waits end in time, are woken in time, and are served in order: W2, W3 and W4. */
public interface WaitingContract extends ContractTest {

  /** W2: behind a holder, every way to wait ends when it should. */
  @Test
  default void wait_behindAHolder_endsInTime() throws Exception {
    LockHandle held = client().hold(name());
    DistributedLock lock = connected().lock(name());
    Duration wait = Duration.ofMillis(300);
    ends(Duration.ZERO, () -> assertThat(lock.tryAcquire()).isEmpty());
    ends(Duration.ZERO, () -> assertThat(lock.tryAcquire(Duration.ZERO)).isEmpty());
    ends(wait, () -> assertThat(lock.tryAcquire(wait)).isEmpty());
    ends(Duration.ZERO, () -> timesOut(() -> lock.acquire(Duration.ZERO)));
    ends(wait, () -> timesOut(() -> lock.acquire(wait)));
    assertThat(held.isHeld()).isTrue();
  }

  /** A client that has reached the store before: a slow login is another matter. */
  private TestClient connected() throws Exception {
    TestClient client = client();
    client.hold(name("connects")).close();
    return client;
  }

  private void timesOut(ThrowingCallable acquire) {
    assertThatThrownBy(acquire).isInstanceOf(LockTimeoutException.class);
  }

  private void ends(Duration after, ThrowingCallable wait) throws Exception {
    long start = System.nanoTime();
    try {
      wait.call();
    } catch (Exception | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
    assertThat(since(start)).isBetween(after, after.plus(grace()));
  }

  /** W2: with the store gone a wait ends in time too, with a failure, and without a storm. */
  @Test
  default void wait_withTheStoreGone_failsInTime() throws Exception {
    TestClient a = client();
    DistributedLock lock = a.lock(name());
    a.silence();
    Duration wait = patience().plusMillis(200);
    Duration sixth = wait.dividedBy(6);
    ends(patience(), () -> failsRetryably(lock::tryAcquire));
    ends(wait, () -> failsRetryably(() -> lock.acquire(wait)));
    ends(sixth, () -> failsRetryably(() -> lock.tryAcquire(sixth)));
    a.heal();
    a.line().always(Operation.CLAIM, Fault.fail("away, on purpose"));
    ends(wait, () -> failsRetryably(() -> lock.tryAcquire(wait)));
    assertThat(a.line().count(Operation.CLAIM)).as("attempts").isLessThan(50);
    a.line().always(Operation.CLAIM, Fault.NONE);
    assertThat(lock.tryAcquire()).as("after the outage").isPresent();
  }

  private void failsRetryably(ThrowingCallable acquire) {
    assertThatThrownBy(acquire)
        .isInstanceOfSatisfying(
            LockBackendException.class, failure -> assertThat(failure.isRetryable()).isTrue());
  }

  /** W2: what a retry cannot change fails at once. */
  @Test
  default void wait_forWhatCannotWork_failsAtOnce() throws Exception {
    TestClient a = client();
    DistributedLock lock = a.lock(name());
    a.line().next(Operation.CLAIM, Fault.fail(BackendFailure.permanent("on purpose", null)));
    ends(
        Duration.ZERO,
        () ->
            assertThatThrownBy(() -> lock.acquire(lease()))
                .isInstanceOfSatisfying(
                    LockBackendException.class,
                    failure -> assertThat(failure.isRetryable()).isFalse()));
    a.line().next(Operation.CLAIM, Fault.fail(BackendFailure.misconfigured("do this", null)));
    ends(
        Duration.ZERO,
        () ->
            assertThatThrownBy(() -> lock.acquire(lease()))
                .isInstanceOf(LockConfigurationException.class)
                .hasMessageContaining("do this"));
  }

  /** W2: a wait that is shorter than a round trip finds the lock free or not, as any other. */
  @Test
  default void wait_shorterThanARoundTrip_isAnswered() throws Exception {
    TestClient a = client();
    TestClient b = connected();
    LockHandle held = a.hold(name());
    b.line().always(Operation.CLAIM, Fault.delayTheReply(Duration.ofMillis(20)));
    Duration wait = Duration.ofMillis(2);
    ends(wait, () -> assertThat(b.lock(name()).tryAcquire(wait)).isEmpty());
    ends(wait, () -> timesOut(() -> b.lock(name()).acquire(wait)));
    held.close();
    ends(wait, () -> assertThat(b.lock(name()).tryAcquire(wait)).isPresent());
  }

  /** W2: answers that are slow make no wait longer than it was allowed to be. */
  @Test
  default void wait_forASlowStore_endsInTime() throws Exception {
    LockHandle held = client().hold(name());
    TestClient b = connected();
    b.line().always(Operation.CLAIM, Fault.delayTheReply(Duration.ofMillis(150)));
    Duration wait = Duration.ofMillis(500);
    ends(wait, () -> assertThat(b.lock(name()).tryAcquire(wait)).isEmpty());
    assertThat(held.isHeld()).isTrue();
  }

  /** W2: an interrupt ends a wait at once; with the store gone, within one operation. */
  @Test
  default void wait_interrupted_endsAtOnce() throws Exception {
    LockHandle held = client().hold(name());
    assertThat(interruptsWaitOf(client())).isLessThan(grace());
    TestClient c = client();
    c.silence();
    Duration limit = capabilities().blocking() ? patience() : Duration.ZERO;
    assertThat(interruptsWaitOf(c)).isLessThan(limit.plus(grace()));
    assertThat(held.isHeld()).isTrue();
  }

  /** How long the wait went on after the interrupt. */
  private Duration interruptsWaitOf(TestClient client) throws Exception {
    CompletableFuture<Thread> waiter = new CompletableFuture<>();
    Future<LockHandle> wait =
        start(
            () -> {
              waiter.complete(Thread.currentThread());
              return client.lock(name()).acquire();
            });
    Thread thread = waiter.get(1, TimeUnit.SECONDS);
    Await.until("its claim", grace(), () -> client.line().count(Operation.CLAIM) > 0);
    long start = System.nanoTime();
    thread.interrupt();
    assertThatThrownBy(() -> get(wait)).isInstanceOf(InterruptedException.class);
    return since(start);
  }

  /** W3: a wake-up that is lost costs no more than the poll interval. */
  @Test
  default void wakeUp_thatIsLost_costsAtMostThePollInterval() throws Exception {
    requires(capabilities().wakes(), "W3", "wake-ups");
    Duration poll = Duration.ofMillis(500);
    assertThat(handOver(poll, true)).isLessThan(poll.plus(grace()));
  }

  /** W3: where the store wakes waiters it does, long before they would ask again. */
  @Test
  default void release_wakesTheWaiter() throws Exception {
    requires(capabilities().wakes(), "W3", "wake-ups");
    assertThat(handOver(Duration.ofSeconds(10), false)).isLessThan(grace());
  }

  private Duration handOver(Duration poll, boolean wakeUpsAreLost) throws Exception {
    TestClient a = client();
    TestClient b = client(options().pollInterval(poll));
    if (wakeUpsAreLost) {
      b.line().always(Operation.WAKE_UP, Fault.loseTheReply());
    }
    LockHandle held = a.hold(name());
    CompletableFuture<LockHandle> waiter = b.lock(name()).acquireAsync();
    Await.until("its claim", grace(), () -> b.line().count(Operation.CLAIM) > 0);
    ContractTest.pass(Duration.ofMillis(50));
    long released = System.nanoTime();
    held.close();
    LockHandle next = waiter.get(20, TimeUnit.SECONDS);
    Duration waited = since(released);
    next.close();
    return waited;
  }

  /**
   * W3: a holder that died is replaced when its lease ends, and a waiter that died is passed by.
   */
  @Test
  default void deadHolderAndDeadWaiter_costALeaseEachAtMost() throws Exception {
    TestClient a = client();
    var unused = a.hold(name());
    TestClient dead = client();
    CompletableFuture<LockHandle> never = dead.lock(name()).acquireAsync();
    Await.until("its claim", grace(), () -> dead.line().count(Operation.CLAIM) > 0);
    TestClient c = client();
    CompletableFuture<LockHandle> alive = c.lock(name()).acquireAsync();
    long died = System.nanoTime();
    a.silence();
    dead.silence();
    LockHandle next = alive.get(lease().multipliedBy(4).toMillis(), TimeUnit.MILLISECONDS);
    int leases = capabilities().queue() ? 2 : 1;
    assertThat(since(died)).isLessThan(lease().multipliedBy(leases).plus(grace()));
    assertThat(next.isHeld()).isTrue();
    assertThat(never.isDone() && !never.isCompletedExceptionally()).isFalse();
    never.cancel(false);
    next.close();
  }

  /** W4: where the store keeps a queue, clients are served in the order in which they came. */
  @Test
  default void clients_thatWait_areServedInOrder() throws Exception {
    requires(capabilities().queue(), "W4", "a queue");
    LockHandle held = client().hold(name());
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    List<Future<?>> waiters = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      int number = i;
      CountDownLatch queued = new CountDownLatch(1);
      TestClient client = client(options().observer(new Queued(queued)));
      waiters.add(start(() -> enter(client, order, number)));
      // not when it is asked: a client that is slow to connect would come after the next one
      assertThat(queued.await(30, TimeUnit.SECONDS)).as("place of " + i).isTrue();
    }
    held.close();
    for (Future<?> waiter : waiters) {
      var unused = get(waiter);
    }
    assertThat(order).containsExactly(0, 1, 2, 3, 4, 5);
  }

  /** Hears from the store that somebody has to wait. */
  record Queued(CountDownLatch queued) implements LockObserver {
    @Override
    public void waiting(String lockName, Optional<LockHolder> holder) {
      queued.countDown();
    }
  }

  private Void enter(TestClient client, List<Integer> order, int number) throws Exception {
    try (LockHandle held = client.lock(name()).acquire(lease().multipliedBy(5))) {
      order.add(number);
      held.ensureHeld();
    }
    return null;
  }

  /** W4: inside one client, those who wait are served in the order in which they came. */
  @Test
  default void waitersOfOneClient_areServedInOrder() throws Exception {
    LockHandle held = client().hold(name());
    TestClient b = client();
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    List<CompletableFuture<?>> waiters = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      int number = i;
      waiters.add(
          b.lock(name())
              .acquireAsync()
              .thenAccept(
                  granted -> {
                    order.add(number);
                    granted.close();
                  }));
    }
    assertThat(b.lock(name()).tryAcquire()).as("no overtaking").isEmpty();
    held.close();
    for (CompletableFuture<?> waiter : waiters) {
      waiter.get(10, TimeUnit.SECONDS);
    }
    assertThat(order).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(b.line().mostContenders()).as("W5: claims at the store").isEqualTo(1);
  }

  /** W4: threads that pass the lock around inside one client do not keep it from another. */
  @Test
  default void localHandOvers_doNotStarveOtherClients() throws Exception {
    TestClient a = client();
    AtomicBoolean stop = new AtomicBoolean();
    List<Future<?>> busy = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      busy.add(
          start(
              () -> {
                while (!stop.get()) {
                  a.lock(name()).acquire(Duration.ofSeconds(20)).close();
                }
                return null;
              }));
    }
    TestClient b = client();
    for (int i = 0; i < 3; i++) {
      Optional<LockHandle> granted = b.lock(name()).tryAcquire(Duration.ofSeconds(5));
      assertThat(granted).as("B's turn").isPresent();
      granted.get().close();
    }
    stop.set(true);
    for (Future<?> each : busy) {
      var unused = get(each);
    }
  }
}
