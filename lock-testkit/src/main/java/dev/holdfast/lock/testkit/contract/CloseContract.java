package dev.holdfast.lock.testkit.contract;

import static dev.holdfast.lock.testkit.contract.ContractTest.get;
import static dev.holdfast.lock.testkit.contract.ContractTest.since;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.fault.Operation;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A client that is closed has told everybody, and leaves nothing: R3. */
public interface CloseContract extends ContractTest {

  /**
   * R3: close tells the holders first, while the store still keeps their locks, then frees them.
   */
  @Test
  default void close_tellsTheHolders_beforeItFreesTheirLocks() throws Exception {
    TestClient a = client();
    TestClient b = client();
    LockHandle held = a.hold(name());
    Loss loss = Loss.of(held);
    CompletableFuture<Boolean> stillOurs = new CompletableFuture<>();
    held.onLost(told -> stillOurs.complete(isTaken(b)));
    a.close();
    assertThat(get(stillOurs)).as("taken at the store while the listener ran").isTrue();
    assertThat(loss.await(grace()).loss().reason()).isEqualTo(LossReason.CLIENT_CLOSED);
    assertThat(held.release()).isEqualTo(ReleaseResult.ALREADY_LOST);
    assertThat(b.lock(name()).tryAcquire()).as("after close").isPresent();
    a.close();
  }

  private boolean isTaken(TestClient client) {
    try {
      return client.lock(name()).tryAcquire().isEmpty();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** R3: with the store gone close ends in its time all the same. */
  @Test
  default void close_withTheStoreGone_endsInTime() throws Exception {
    TestClient a = client(options().closeTimeout(Duration.ofMillis(1500)));
    LockHandle held = a.hold(name());
    Loss loss = Loss.of(held);
    a.silence();
    long start = System.nanoTime();
    a.close();
    assertThat(since(start)).isLessThan(Duration.ofMillis(1500).plus(grace()));
    assertThat(held.isHeld()).isFalse();
    assertThat(loss.await(grace()).loss().reason()).isEqualTo(LossReason.CLIENT_CLOSED);
    LockHandle next = client().lock(name()).acquire(lease().multipliedBy(2));
    assertThat(next.isHeld()).isTrue();
  }

  /** R3: a release that was not confirmed yet is repeated by close, not left to the lease. */
  @Test
  default void close_afterAnUnconfirmedRelease_repeatsIt() throws Exception {
    TestClient a = client(options().lease(lease().multipliedBy(5)));
    LockHandle held = a.hold(name());
    a.silence();
    assertThat(held.release()).isEqualTo(ReleaseResult.UNCONFIRMED);
    a.heal();
    a.close();
    assertThat(client().lock(name()).tryAcquire()).as("after close").isPresent();
  }

  /** R3: a handle that is dropped without a release does not keep its lock for ever. */
  @Test
  default void handle_thatIsDropped_isReleasedOnceCollected() throws Exception {
    drop(client());
    TestClient b = client();
    Await.until(
        "the collection of the handle and the release of its lock",
        lease().multipliedBy(5),
        () -> {
          System.gc();
          return b.lock(name()).tryAcquire().isPresent();
        });
  }

  /** In a frame of its own, so that nothing on the stack refers to the handle. */
  private void drop(TestClient client) throws InterruptedException {
    assertThat(client.hold(name()).isHeld()).isTrue();
  }

  /** R3: who waits is told that the client is closed, and leaves the queue. */
  @Test
  default void close_endsAllWaits() throws Exception {
    LockHandle held = client().hold(name());
    TestClient b = client();
    Future<LockHandle> waiter = start(() -> b.lock(name()).acquire());
    CompletableFuture<LockHandle> async = b.lock(name()).acquireAsync();
    Await.until("a claim", grace(), () -> b.line().count(Operation.CLAIM) > 0);
    b.close();
    assertThatThrownBy(() -> get(waiter)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> async.get(1, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> b.lock(name()).tryAcquire()).isInstanceOf(IllegalStateException.class);
    held.close();
    assertThat(client().lock(name()).tryAcquire()).isPresent();
  }

  /** R3: what the application lent is given back unharmed. */
  @Test
  default void close_leavesTheExecutorsOfTheApplication() throws Exception {
    ExecutorService callbacks = Executors.newCachedThreadPool();
    try (PausableWorld world = new PausableWorld()) {
      TestClient a = client(options().callbackExecutor(callbacks).environment(world.environment()));
      a.hold(name()).close();
      a.close();
      assertThat(callbacks.isShutdown()).isFalse();
      assertThat(world.environment().timer().isShutdown()).isFalse();
    } finally {
      callbacks.shutdownNow();
    }
  }

  /** R3: clients that come and go leave no thread and nothing at the store, used or not. */
  @Test
  default void clients_thatComeAndGo_leaveNothing() throws Exception {
    for (int i = 0; i < 8; i++) {
      try (TestClient unused = client();
          TestClient used = client()) {
        LockHandle left = used.hold(name("left" + i));
        assertThat(left.isHeld()).isTrue();
      }
    }
    // What remains is checked after every test: threads and residue.
  }
}
