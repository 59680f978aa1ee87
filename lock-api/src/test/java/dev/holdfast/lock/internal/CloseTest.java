package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LeaderLatch;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.spi.LockCapabilities;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R3: the end of a client. */
class CloseTest {

  private static final LockCapabilities STORE = LockCapabilities.of("fake");
  private static final Duration LIMIT = Duration.ofMillis(600);

  private static World world(LockCapabilities store) {
    return World.builder(store).options(options -> options.closeTimeout(LIMIT)).build();
  }

  /** Ends within the limit: some time is left to a machine that is busy. */
  private static void closesInTime(LockClient client) {
    long begun = System.nanoTime();
    client.close();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(LIMIT.plusMillis(400));
  }

  @Test
  void close_holdingLocks_tellsTheHoldersThenTheStoreThenCloses() {
    World world = world(STORE);
    List<LockLoss> losses = new ArrayList<>();
    List<Handle> held = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      Handle handle = world.held(name);
      handle.onLost(
          loss -> {
            losses.add(loss);
            assertThat(handle.isHeld()).isFalse();
            assertThat(world.store.isHeldBy(world.claimOf(handle))).isTrue();
          });
      held.add(handle);
    }
    closesInTime(world.client);
    assertThat(losses).hasSize(3).allMatch(loss -> loss.reason() == LossReason.CLIENT_CLOSED);
    assertThat(world.store.contents()).isEmpty();
    assertThat(world.backend.calls).endsWith("close").hasSize(7);
    assertThat(held.get(0).release()).isEqualTo(ReleaseResult.ALREADY_LOST);
    assertThat(world.engine.renewals.holds()).isEmpty();
  }

  /** A listener has its time, and the lock is kept at the store meanwhile. */
  @Test
  void close_listenerNeedsTime_keepsTheLockUntilItReturns() throws Exception {
    QueuedExecutor callbacks = new QueuedExecutor();
    World world = World.builder(STORE).callbacks(callbacks).build();
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    callbacks.runAll();
    World.now(future).onLost(loss -> {});
    var closing =
        Background.start(
            () -> {
              world.client.close();
              return null;
            });
    Await.until("the listener is called", () -> callbacks.size() == 1);
    assertThat(World.now(future).isHeld()).isFalse();
    Await.parked(closing.thread);
    world.advance(Duration.ofSeconds(2));
    assertThat(world.backend.released).isEmpty();
    assertThat(closing.isDone()).isFalse();
    callbacks.runAll();
    assertThat(closing.get()).isNull();
    assertThat(world.store.contents()).isEmpty();
  }

  /** While a listener winds down, renewals go on. */
  @Test
  void close_listenerNeedsLong_isRenewedMeanwhile() throws Exception {
    QueuedExecutor callbacks = new QueuedExecutor();
    World world =
        World.builder(STORE)
            .callbacks(callbacks)
            .options(options -> options.closeTimeout(Duration.ofMinutes(5)))
            .build();
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    callbacks.runAll();
    World.now(future).onLost(loss -> {});
    var closing =
        Background.start(
            () -> {
              world.client.close();
              return null;
            });
    Await.until("the listener is called", () -> callbacks.size() == 1);
    Await.parked(closing.thread);
    world.advance(World.PERIOD.multipliedBy(8));
    assertThat(world.backend.rounds).hasSize(8);
    callbacks.runAll();
    assertThat(closing.get()).isNull();
    world.advance(World.PERIOD.multipliedBy(3));
    assertThat(world.backend.rounds).hasSize(8);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void close_storeIsGone_endsInTime(boolean hangs) {
    World world = world(STORE);
    Handle held = world.held("a");
    List<LockLoss> losses = new ArrayList<>();
    held.onLost(losses::add);
    if (hangs) {
      world.backend.hang();
    } else {
      world.backend.goAway();
    }
    world.backend.onClose = new CompletableFuture<>();
    CompletableFuture<LockHandle> waiting = world.lock("b").acquireAsync();
    closesInTime(world.client);
    assertThat(losses).hasSize(1);
    assertThat(waiting).isCompletedExceptionally();
    int calls = world.backend.calls.size();
    world.advance(World.LEASE.multipliedBy(2));
    assertThat(world.backend.calls).hasSize(calls);
  }

  @Test
  void close_listenerNeverReturns_endsInTime() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (LockClient client =
        LockClient.over(
            context ->
                new FakeBackend(
                    new FakeStore(System::nanoTime), context, STORE, new VirtualTime(0)),
            LockClientOptions.builder().closeTimeout(LIMIT).build())) {
      LockHandle held = client.lock("a").acquire();
      CountDownLatch called = new CountDownLatch(1);
      held.onLost(
          loss -> {
            called.countDown();
            try {
              never.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      closesInTime(client);
      assertThat(called.await(0, TimeUnit.SECONDS)).isTrue();
    }
    never.countDown();
  }

  /** Waiting threads are told, and their claims withdrawn before the store is left. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void close_someWait_areToldAndWithdrawn(boolean queued) throws Exception {
    World world = world(queued ? STORE.withQueue() : STORE);
    world.store.occupy("a");
    CompletableFuture<LockHandle> asking = world.lock("a").acquireAsync();
    CompletableFuture<LockHandle> behind = world.lock("a").acquireAsync();
    var thread = Background.waiting(() -> world.lock("a").acquire());
    Await.until("all wait", () -> world.engine.overdue.all().size() == 3);
    closesInTime(world.client);
    for (CompletableFuture<LockHandle> future : List.of(asking, behind)) {
      assertThat(catchThrowable(future::join).getCause())
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("this LockClient (fake) is closed");
    }
    assertThat(thread.failure()).isInstanceOf(IllegalStateException.class);
    assertThat(world.store.contents()).containsExactly("a held by stranger");
    assertThat(world.backend.calls).endsWith("close");
  }

  /** A question that is on its way is answered with a lock: given back before the store is left. */
  @Test
  void close_grantIsOnItsWay_isGivenBackBeforeTheStoreIsLeft() throws Exception {
    World world = World.builder(STORE).build();
    world.backend.onClaim = world.backend::leaveOpen;
    CompletableFuture<LockHandle> future = world.lock("a").acquireAsync();
    var closing =
        Background.start(
            () -> {
              world.client.close();
              return null;
            });
    Await.until("the wait has ended", future::isDone);
    Await.parked(closing.thread);
    assertThat(world.backend.calls).doesNotContain("close");
    var open = world.backend.openClaims.get(0);
    open.answer().complete(world.store.claim(open.claim(), false));
    assertThat(closing.get()).isNull();
    assertThat(world.store.contents()).isEmpty();
    assertThat(world.backend.calls).endsWith("release a", "close");
  }

  /** The same for a blocking store, whose call is under way on another thread. */
  @Test
  void close_blockingCallUnderWay_isTakenBackBeforeTheStoreIsLeft() throws Exception {
    World world = World.builder(STORE.withBlocking()).build();
    CountDownLatch answer = new CountDownLatch(1);
    world.backend.onClaim =
        claim -> {
          try {
            answer.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return world.backend.answer(claim);
        };
    var caller = Background.waiting(() -> world.lock("a").acquire());
    Await.until("asked", () -> world.backend.claimed.size() == 1);
    var closing =
        Background.start(
            () -> {
              world.client.close();
              return null;
            });
    Await.until("withdrawn", () -> world.backend.released.size() == 1);
    Await.parked(closing.thread);
    assertThat(world.backend.calls).doesNotContain("close");
    answer.countDown();
    assertThat(closing.get()).isNull();
    assertThat(caller.failure()).isInstanceOf(IllegalStateException.class);
    assertThat(world.store.contents()).isEmpty();
    assertThat(world.backend.calls).endsWith("close");
  }

  /** A release that a user began is waited for as well. */
  @Test
  void close_releaseIsOnItsWay_isWaitedFor() throws Exception {
    World world = World.builder(STORE).build();
    Handle held = world.held("a");
    world.backend.onRelease = world.backend::leaveReleaseOpen;
    var result = held.releaseAsync();
    var closing =
        Background.waiting(
            () -> {
              world.client.close();
              return null;
            });
    assertThat(world.backend.calls).doesNotContain("close");
    var open = world.backend.openReleases.get(0);
    open.answer().complete(world.store.release(open.claim()));
    assertThat(closing.get()).isNull();
    assertThat(result).isCompletedWithValue(ReleaseResult.RELEASED);
  }

  /** Granted while the client closes, before it is under renewal: it is found all the same. */
  @Test
  void closed_justGranted_tellsTheHold() {
    World world = World.polled();
    Acquisition granted = new Acquisition(world.lock("a"), Acquisition.NEVER, null, () -> {});
    granted.begin();
    Handle handle = (Handle) ((Acquisition.Acquired) granted.result()).handle();
    assertThat(granted.closed()).isSameAs(handle.hold);
    assertThat(handle.isHeld()).isTrue();
  }

  @Test
  void close_twice_isOnce() {
    World world = world(STORE);
    world.client.close();
    world.client.close();
    assertThat(world.backend.calls).containsExactly("close");
  }

  @Test
  void anything_afterClose_isAnIllegalState() {
    World world = world(STORE);
    DistributedLock lock = world.lock("a");
    LeaderLatch latch = world.client.leaderLatch("a");
    world.client.close();
    assertThatIllegalStateException()
        .isThrownBy(lock::acquire)
        .withMessage("this LockClient (fake) is closed");
    assertThatIllegalStateException().isThrownBy(lock::tryAcquire);
    assertThatIllegalStateException().isThrownBy(() -> lock.acquire(Duration.ofSeconds(1)));
    assertThatIllegalStateException().isThrownBy(lock::holder);
    assertThatIllegalStateException().isThrownBy(latch::start);
    assertThatIllegalStateException().isThrownBy(() -> world.client.leaderLatch("b"));
    assertThat(catchThrowable(() -> lock.acquireAsync().join()).getCause())
        .isInstanceOf(IllegalStateException.class);
    assertThat(world.backend.calls).containsExactly("close");
  }

  /** What a client of its own threads promises after its end holds for futures too. */
  @Test
  void acquireAsync_afterCloseOfARealClient_failsAtOnce() throws Exception {
    LockClient client =
        LockClient.over(
            context ->
                new FakeBackend(
                    new FakeStore(System::nanoTime), context, STORE, new VirtualTime(0)));
    DistributedLock lock = client.lock("a");
    client.close();
    assertThat(catchThrowable(() -> lock.acquireAsync().get(10, TimeUnit.SECONDS)).getCause())
        .isInstanceOf(IllegalStateException.class);
  }

  /** R3: no thread is left, and none is there before it is needed. */
  @Test
  void close_realClient_leavesNoThread() throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    LockClient client =
        LockClient.over(
            context ->
                new FakeBackend(
                    new FakeStore(System::nanoTime), context, STORE, new VirtualTime(0)),
            LockClientOptions.builder().lease(Duration.ofMillis(500)).build());
    assertThat(since(before)).isEmpty();
    LockHandle held = client.lock("a").acquire();
    CompletableFuture<LockLoss> lost = held.lost().toCompletableFuture();
    var second = client.lock("a").acquireAsync();
    Await.until("renewed", () -> since(before).size() >= 2);
    assertThat(held.isHeld()).isTrue();
    assertThat(since(before)).allMatch(Thread::isDaemon);
    client.close();
    assertThat(lost.get(0, TimeUnit.SECONDS).reason()).isEqualTo(LossReason.CLIENT_CLOSED);
    assertThat(second).isCompletedExceptionally();
    Await.until("no thread is left", () -> since(before).isEmpty());
  }

  private static Set<Thread> since(Set<Thread> before) {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeAll(before);
    threads.removeIf(thread -> !thread.getName().startsWith("holdfast-"));
    return threads;
  }

  /** A listener may close the client: it does not wait for itself longer than the limit. */
  @Test
  void close_byAListener_endsInTime() throws Exception {
    FakeStore store = new FakeStore(System::nanoTime);
    AtomicReference<FakeBackend> backend = new AtomicReference<>();
    LockClient client =
        LockClient.over(
            context -> {
              backend.set(new FakeBackend(store, context, STORE, new VirtualTime(0)));
              return backend.get();
            },
            LockClientOptions.builder().closeTimeout(LIMIT).build());
    LockHandle held = client.lock("a").acquire();
    CountDownLatch closed = new CountDownLatch(1);
    held.onLost(
        loss -> {
          client.close();
          closed.countDown();
        });
    backend.get().context.holds().gone(((Handle) held).hold.claim, LossReason.REVOKED);
    assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(backend.get().calls).contains("close");
  }
}
