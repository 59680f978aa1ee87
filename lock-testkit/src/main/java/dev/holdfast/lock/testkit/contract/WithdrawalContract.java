package dev.holdfast.lock.testkit.contract;

import static dev.holdfast.lock.testkit.contract.ContractTest.get;
import static dev.holdfast.lock.testkit.contract.ContractTest.since;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockTimeoutException;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.fault.Fault;
import dev.holdfast.lock.testkit.fault.Operation;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who gives up waiting leaves nothing behind: W1. */
public interface WithdrawalContract extends ContractTest {

  /** W1: waits that timed out, or were interrupted or cancelled, hold up nobody. */
  @Test
  default void waits_thatEndedWithoutTheLock_holdUpNobody() throws Exception {
    TestClient a = client();
    LockHandle held = a.hold(name());
    TestClient b = lastingClient();
    b.hold(name("connects")).close(); // within the wait below: a slow login is another matter
    DistributedLock timesOut = b.lock(name());
    Future<?> timedOut = start(() -> timesOut.acquire(lease().dividedBy(4)));
    DistributedLock interrupts = lastingClient().lock(name());
    CompletableFuture<Thread> waiting = new CompletableFuture<>();
    Future<?> interrupted =
        start(
            () -> {
              waiting.complete(Thread.currentThread());
              return interrupts.acquire();
            });
    TestClient d = lastingClient();
    CompletableFuture<LockHandle> cancelled = d.lock(name()).acquireAsync();
    TestClient e = lastingClient();
    CompletableFuture<LockHandle> completed = e.lock(name()).acquireAsync();
    TestClient f = lastingClient();
    CompletableFuture<LockHandle> orTimeout = f.lock(name()).acquireAsync();
    var unused = orTimeout.orTimeout(100, TimeUnit.MILLISECONDS);
    Await.until("claims", grace(), () -> f.line().count(Operation.CLAIM) > 0);
    Thread thread = waiting.get(1, TimeUnit.SECONDS);

    thread.interrupt();
    cancelled.cancel(false);
    completed.completeExceptionally(new IllegalStateException("the application's own reason"));
    assertThatThrownBy(() -> get(timedOut)).isInstanceOf(LockTimeoutException.class);
    assertThatThrownBy(() -> get(interrupted)).isInstanceOf(InterruptedException.class);
    assertThatThrownBy(() -> get(orTimeout)).isNotNull();
    if (capabilities().participants()) {
      long ended = System.nanoTime();
      Await.until("an empty queue", lease(), () -> waiting(a) == 0);
      // What was forgotten goes, too, when its lease ends: two of ours from now at least.
      assertThat(since(ended)).as("until nobody waits").isLessThan(lease());
    }

    DistributedLock next = client().lock(name());
    Future<LockHandle> served = start(() -> next.acquire(lease().multipliedBy(4)));
    long released = System.nanoTime();
    held.close();
    assertThat(get(served).isHeld()).isTrue();
    assertThat(since(released)).isLessThan(lease());
  }

  /** One whose lease is three of ours: what it forgets is not taken for given back. */
  private TestClient lastingClient() {
    return client(options().lease(lease().multipliedBy(3)));
  }

  private int waiting(TestClient client) throws Exception {
    return get(client.backend().inspect(name()).toCompletableFuture()).waiting().size();
  }

  /** W1: a withdrawal that the store did not hear of is repeated. */
  @Test
  default void withdrawal_thatIsLost_isRepeated() throws Exception {
    TestClient a = client();
    LockHandle held = a.hold(name());
    TestClient b = client();
    b.hold(name("connects")).close(); // within the wait below: a slow login is another matter
    b.line().next(Operation.RELEASE, Fault.loseTheRequest());
    assertThat(b.lock(name()).tryAcquire(lease().dividedBy(8))).isEmpty();
    DistributedLock next = client().lock(name());
    Future<LockHandle> served = start(() -> next.acquire(lease().multipliedBy(3)));
    held.close();
    long released = System.nanoTime();
    assertThat(get(served).isHeld()).isTrue();
    assertThat(since(released)).isLessThan(lease());
  }

  /**
   * W1: a claim that reaches the store when its wait is over does not keep the lock. An
   * asynchronous driver still hears of its grant, which is then given back; with a blocking one
   * nobody is there to hear, and it ends with its lease.
   */
  @Test
  default void claim_thatArrivesTooLate_isGivenBack() throws Exception {
    TestClient b = client();
    Duration delay = lease().dividedBy(2);
    b.line().always(Operation.CLAIM, Fault.delayTheRequest(delay));
    assertThatThrownBy(() -> b.lock(name()).acquire(delay.dividedBy(5)))
        .isInstanceOf(LockBackendException.class);
    b.line().always(Operation.CLAIM, Fault.NONE);
    TestClient c = client();
    long start = System.nanoTime();
    Await.until(
        "B's claim to have come and gone",
        lease().multipliedBy(2),
        () -> since(start).compareTo(delay) > 0 && isFree(c));
    Duration limit = capabilities().blocking() ? delay.plus(lease()).plus(grace()) : lease();
    assertThat(since(start)).isLessThan(limit);
  }

  private boolean isFree(TestClient client) throws InterruptedException {
    Optional<LockHandle> held = client.lock(name()).tryAcquire();
    held.ifPresent(LockHandle::close);
    return held.isPresent();
  }

  /** W1: a grant that races with the end of the wait is returned or given back. */
  @Test
  default void grant_racingWithTheEndOfTheWait_isNeverLeftBehind() throws Exception {
    TestClient a = client();
    TestClient b = lastingClient();
    TestClient c = client();
    for (int i = 0; i < 40; i++) {
      LockHandle held = a.hold(name());
      Duration wait = Duration.ofMillis(3);
      Future<Boolean> waiter = start(() -> holdsBriefly(b, wait));
      TimeUnit.MICROSECONDS.sleep(2000 + ThreadLocalRandom.current().nextInt(2500));
      held.close();
      var unused = get(waiter);
      long start = System.nanoTime();
      c.lock(name()).acquire(lease().multipliedBy(4)).close();
      assertThat(since(start)).isLessThan(lease());
    }
  }

  /** A store that a network lies before may not have answered at all in so short a time. */
  private boolean holdsBriefly(TestClient client, Duration wait) throws InterruptedException {
    try {
      Optional<LockHandle> granted = client.lock(name()).tryAcquire(wait);
      granted.ifPresent(LockHandle::close);
      return granted.isPresent();
    } catch (LockBackendException notAnswered) {
      assertThat(notAnswered.isRetryable()).isTrue();
      return false;
    }
  }

  /** W1: acquires that fail, however often, leave nothing and spoil nothing. */
  @Test
  default void acquires_thatFail_leaveNothing() throws Exception {
    TestClient a = client();
    a.line().always(Operation.CLAIM, Fault.fail(BackendFailure.permanent("on purpose", null)));
    for (int i = 0; i < 500; i++) {
      assertThatThrownBy(() -> a.lock(name()).tryAcquire())
          .isInstanceOf(LockBackendException.class);
    }
    a.line().always(Operation.CLAIM, Fault.NONE);
    assertThat(a.lock(name()).tryAcquire()).isPresent();
  }
}
