package dev.holdfast.lock.testkit.contract;

import static dev.holdfast.lock.testkit.contract.ContractTest.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LossReason;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Work that is done under the lock, and stopped when it is lost: P1. */
public interface WorkContract extends ContractTest {

  /** P1: run, call, tryRun and tryCall hold the lock for the work and no longer. */
  @Test
  default void work_isDoneUnderTheLock() throws Exception {
    DistributedLock lock = client().lock(name());
    DistributedLock other = client().lock(name());
    List<LockHandle> handles = new ArrayList<>();
    lock.run(
        held -> {
          handles.add(held);
          assertThat(held.isHeld()).isTrue();
          assertThat(other.tryRun(more -> {})).as("tryRun of another").isFalse();
          assertThat(other.tryCall(more -> 1)).as("tryCall of another").isEmpty();
        });
    assertThat(handles.get(0).isHeld()).isFalse();
    String result = lock.call(held -> "result");
    assertThat(result).isEqualTo("result");
    assertThat(other.tryRun(handles::add)).isTrue();
    assertThat(other.tryCall(held -> held.fencingToken())).isPresent();
    assertThat(lock.tryRun(Duration.ofSeconds(1), handles::add)).isTrue();
    assertThat(handles).noneMatch(LockHandle::isHeld);
  }

  /** P1: what the work throws comes out as it is, and the lock is free. */
  @Test
  default void work_thatThrows_releasesAndThrows() throws Exception {
    DistributedLock lock = client().lock(name());
    IOException failure = new IOException("the work's own");
    assertThatThrownBy(
            () ->
                lock.run(
                    held -> {
                      throw failure;
                    }))
        .isSameAs(failure)
        .hasNoSuppressedExceptions();
    assertThat(client().lock(name()).tryAcquire()).isPresent();
  }

  /** P1: when the lock is lost the work is interrupted, and the caller is told. */
  @Test
  default void work_whoseLockIsLost_isInterrupted() throws Exception {
    DistributedLock lock = client().lock(name());
    CountDownLatch forever = new CountDownLatch(1);
    Future<Boolean> flagAfterwards =
        start(
            () -> {
              assertThatThrownBy(
                      () ->
                          lock.run(
                              held -> {
                                deleteElsewhere(name());
                                assertThat(forever.await(30, TimeUnit.SECONDS)).isTrue();
                              }))
                  .isInstanceOfSatisfying(
                      LockLostException.class,
                      lost -> assertThat(lost.reason()).isEqualTo(LossReason.REVOKED));
              return Thread.currentThread().isInterrupted();
            });
    assertThat(get(flagAfterwards)).as("interrupt flag after run").isFalse();
  }

  /** P1: work that ends by itself although the lock was lost does not pass for done. */
  @Test
  default void work_thatMissesTheLoss_isReportedAsLost() throws Exception {
    TestClient a = client();
    DistributedLock lock = a.lock(name());
    assertThatThrownBy(() -> lock.call(held -> loseQuietly(held, name())))
        .isInstanceOf(LockLostException.class);
    assertThat(Thread.interrupted()).as("interrupt flag after call").isFalse();
    IOException failure = new IOException("the work's own");
    assertThatThrownBy(
            () ->
                lock.run(
                    held -> {
                      loseQuietly(held, name());
                      throw failure;
                    }))
        .isSameAs(failure)
        .satisfies(
            thrown ->
                assertThat(thrown.getSuppressed())
                    .hasAtLeastOneElementOfType(LockLostException.class));
  }

  /** On a thread that the loss does not interrupt, for that may come before the deletion ends. */
  private void deleteElsewhere(String name) throws Exception {
    Future<?> deletion =
        start(
            () -> {
              deleteRecord(name);
              return null;
            });
    var unused = get(deletion);
  }

  private String loseQuietly(LockHandle held, String name) {
    try {
      deleteElsewhere(name);
      held.lost().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      // Work that swallows its interrupt, as a lot of work does.
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    return "done";
  }

  /** P1: an interrupt by somebody else stays what it is, and the lock is free. */
  @Test
  default void work_interruptedByOthers_throwsInterruptedException() throws Exception {
    DistributedLock lock = client().lock(name());
    CompletableFuture<Thread> inside = new CompletableFuture<>();
    Future<Object> work =
        start(
            () ->
                lock.call(
                    held -> {
                      inside.complete(Thread.currentThread());
                      new CountDownLatch(1).await();
                      return "never";
                    }));
    inside.get(5, TimeUnit.SECONDS).interrupt();
    assertThatThrownBy(() -> get(work)).isInstanceOf(InterruptedException.class);
    assertThat(client().lock(name()).tryAcquire()).isPresent();
  }

  /** P1: nested locks are two locks, each released where its work ends. */
  @Test
  default void work_nested_releasesTheRightOnes() throws Exception {
    TestClient a = client();
    TestClient b = client();
    a.lock(name("outer"))
        .run(
            outer -> {
              assertThatThrownBy(
                      () ->
                          a.lock(name("inner"))
                              .run(
                                  inner -> {
                                    throw new IOException("inner");
                                  }))
                  .isInstanceOf(IOException.class);
              assertThat(b.lock(name("inner")).tryAcquire()).isPresent();
              assertThat(b.lock(name("outer")).tryAcquire()).isEmpty();
              assertThat(outer.isHeld()).isTrue();
            });
    assertThat(b.lock(name("outer")).tryAcquire()).isPresent();
  }

  /** P1: a loss never hides what the body threw, nor does a release that finds it lost. */
  @Test
  default void tryWithResources_afterALoss_throwsWhatTheBodyThrew() throws Exception {
    TestClient a = client();
    IOException failure = new IOException("the body's own");
    assertThatThrownBy(
            () -> {
              try (LockHandle held = a.hold(name())) {
                loseQuietly(held, name());
                throw failure;
              }
            })
        .isSameAs(failure)
        .hasNoSuppressedExceptions();
  }
}
