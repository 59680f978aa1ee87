package dev.holdfast.lock.testkit.contract;

import static dev.holdfast.lock.testkit.contract.ContractTest.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.fault.Fault;
import dev.holdfast.lock.testkit.fault.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Waiting without a thread: P2. */
public interface AsyncContract extends ContractTest {

  /** P2: a free lock is granted, a held one when it is released, on the callback executor. */
  @Test
  default void acquireAsync_completesWithTheHandle_onTheCallbackExecutor() throws Exception {
    List<Thread> callbacks = new CopyOnWriteArrayList<>();
    TestClient a =
        client(
            options()
                .callbackExecutor(
                    task -> {
                      Thread thread = new Thread(task, "application-callbacks");
                      callbacks.add(thread);
                      thread.start();
                    }));
    LockHandle first = client().hold(name());
    CompletableFuture<LockHandle> second = a.lock(name()).acquireAsync();
    CompletableFuture<Thread> ran = second.thenApply(held -> Thread.currentThread());
    Await.until("the claim", grace(), () -> a.line().count(Operation.CLAIM) > 0);
    assertThat(second).isNotDone();
    first.close();
    // Not second.get(): a thread that waits for a future may run what hangs on it.
    assertThat(callbacks).contains(ran.get(lease().toMillis(), TimeUnit.MILLISECONDS));
    LockHandle held = get(second);
    assertThat(held.isHeld()).isTrue();
    held.close();
  }

  /** P2: cancelled at any moment, it leaves nothing: the next one gets the lock at once. */
  @Test
  default void acquireAsync_cancelledAtAnyMoment_leavesNothing() throws Exception {
    TestClient a = client(options().lease(lease().multipliedBy(3))); // what is left, is so for long
    TestClient b = client();
    List<CompletableFuture<LockHandle>> futures = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      CompletableFuture<LockHandle> future = a.lock(name()).acquireAsync();
      futures.add(future);
      LockSupport.parkNanos(i % 3 * 100_000L);
      if (!future.cancel(true)) {
        get(future).close();
      }
    }
    b.lock(name()).acquire(lease()).close();
    assertThat(futures).allMatch(CompletableFuture::isDone);
  }

  /** P2: a wait that is cancelled inside the local queue lets those behind it pass. */
  @Test
  default void acquireAsync_cancelledInTheMiddle_letsOthersPass() throws Exception {
    TestClient a = client();
    LockHandle held = a.hold(name());
    CompletableFuture<LockHandle> first = a.lock(name()).acquireAsync();
    CompletableFuture<LockHandle> second = a.lock(name()).acquireAsync();
    CompletableFuture<LockHandle> third = a.lock(name()).acquireAsync();
    second.cancel(true);
    held.close();
    first.get(lease().toMillis(), TimeUnit.MILLISECONDS).close();
    third.get(lease().toMillis(), TimeUnit.MILLISECONDS).close();
  }

  /** P2: it fails as acquire throws. */
  @Test
  default void acquireAsync_failsAsAcquireThrows() throws Exception {
    TestClient a = client();
    a.line().next(Operation.CLAIM, Fault.fail(BackendFailure.permanent("on purpose", null)));
    CompletableFuture<LockHandle> refused = a.lock(name()).acquireAsync();
    assertThatThrownBy(() -> refused.get(5, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(LockBackendException.class)
        .hasMessageContaining(name());
    a.line().next(Operation.CLAIM, Fault.fail("away for a moment"));
    a.lock(name()).acquireAsync().get(5, TimeUnit.SECONDS).close();
  }

  /** P2: a release without a wait ends isHeld() at once, and has the result of release. */
  @Test
  default void releaseAsync_endsIsHeldAtOnce_andTellsTheResult() throws Exception {
    TestClient a = client();
    LockHandle heard = a.hold(name("heard"));
    CompletableFuture<ReleaseResult> released = heard.releaseAsync();
    assertThat(heard.isHeld()).isFalse();
    assertThat(released.get(5, TimeUnit.SECONDS)).isEqualTo(ReleaseResult.RELEASED);
    assertThat(heard.release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(client().lock(name("heard")).tryAcquire()).isPresent();
    LockHandle unheard = a.hold(name("unheard"));
    a.silence();
    CompletableFuture<ReleaseResult> unconfirmed = unheard.releaseAsync();
    assertThat(unheard.isHeld()).isFalse();
    assertThat(unconfirmed).isNotDone();
    Duration limit = patience().plus(grace());
    assertThat(unconfirmed.get(limit.toMillis(), TimeUnit.MILLISECONDS))
        .isEqualTo(ReleaseResult.UNCONFIRMED);
    a.heal();
    assertThat(client().lock(name("unheard")).tryAcquire(lease().plus(grace()))).isPresent();
  }
}
