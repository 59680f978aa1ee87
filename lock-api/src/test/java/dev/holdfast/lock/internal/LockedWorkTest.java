package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.spi.LockCapabilities;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LockedWorkTest {

  private final World world = World.polled();

  private void lose(LockHandle held) {
    world.store.delete(held.lockName());
    world.engine.gone(world.claimOf(held), LossReason.REVOKED);
  }

  @Test
  void run_works_releasesAndReturns() throws Exception {
    int result =
        world
            .lock("a")
            .call(
                held -> {
                  assertThat(held.isHeld()).isTrue();
                  return 7;
                });
    assertThat(result).isEqualTo(7);
    assertThat(world.lock("a").tryCall(held -> "x")).contains("x");
    assertThat(world.lock("a").tryRun(held -> {})).isTrue();
    world.lock("a").run(held -> assertThat(held.isHeld()).isTrue());
    assertThat(world.store.contents()).isEmpty();
  }

  @Test
  void tryRun_heldElsewhere_isNotDone() throws Exception {
    world.store.occupy("a");
    assertThat(world.lock("a").tryRun(held -> lose(held))).isFalse();
    assertThat(world.lock("a").tryCall(held -> "x")).isEmpty();
  }

  /** H-103: the work is interrupted; the loss is what is thrown. */
  @Test
  void run_lostWhileWorking_interruptsTheWork() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    AtomicReference<LockHandle> handle = new AtomicReference<>();
    var working =
        Background.start(
            () -> {
              Throwable thrown =
                  catchThrowable(
                      () ->
                          world
                              .lock("a")
                              .run(
                                  held -> {
                                    handle.set(held);
                                    never.await();
                                  }));
              assertThat(Thread.currentThread().isInterrupted()).isFalse();
              return thrown;
            });
    Await.until("it works", () -> handle.get() != null);
    lose(handle.get());
    assertThat(working.get())
        .isInstanceOfSatisfying(
            LockLostException.class, e -> assertThat(e.reason()).isEqualTo(LossReason.REVOKED))
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    assertThat(world.backend.released).isEmpty();
  }

  /** H-70: the work's own exception is thrown, with the loss suppressed in it. */
  @Test
  void run_lostAndThrows_keepsTheWorksException() {
    for (Throwable own : new Throwable[] {new IOException("own"), new OnPurpose("own")}) {
      Throwable thrown =
          catchThrowable(
              () ->
                  world
                      .lock("a")
                      .run(
                          held -> {
                            lose(held);
                            sneaky(own);
                          }));
      assertThat(thrown).isSameAs(own);
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
    assertThat(catchThrowable(() -> world.lock("a").run(held -> sneaky(new IOException("x")))))
        .hasNoSuppressedExceptions();
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void sneaky(Throwable thrown) throws E {
    throw (E) thrown;
  }

  /** Lost without the work having noticed: its result does not count. */
  @Test
  void run_lostUnnoticed_throwsTheLoss() {
    assertThat(
            catchThrowable(
                () ->
                    world
                        .lock("a")
                        .call(
                            held -> {
                              lose(held);
                              return 1;
                            })))
        .isInstanceOf(LockLostException.class);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  /** L5: the pause is over, no timer has run, and the work returns as if nothing had been. */
  @Test
  void run_pausedWhileWorking_throwsTheLoss() {
    assertThat(catchThrowable(() -> world.lock("a").run(held -> world.time.pause(World.LEASE))))
        .isInstanceOf(LockLostException.class);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  /** An interruption by somebody else stays what it is. */
  @Test
  void run_interruptedBySomebodyElse_staysInterrupted() {
    CountDownLatch never = new CountDownLatch(1);
    assertThat(
            catchThrowable(
                () ->
                    world
                        .lock("a")
                        .run(
                            held -> {
                              Thread.currentThread().interrupt();
                              never.await();
                            })))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(
            catchThrowable(() -> world.lock("a").run(held -> Thread.currentThread().interrupt())))
        .isNull();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(world.store.contents()).isEmpty();
  }

  /** The work may release by itself. */
  @Test
  void run_workReleases_isNoLoss() throws Exception {
    world.lock("a").run(held -> assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED));
    assertThat(world.backend.released).hasSize(1);
  }

  /** The interrupt hits the work and nothing after it, however late the notice runs. */
  @Test
  void run_noticeRunsLate_doesNotHitWhatFollows() {
    QueuedExecutor callbacks = new QueuedExecutor();
    World late = World.builder(LockCapabilities.of("fake")).callbacks(callbacks).build();
    Throwable thrown =
        catchThrowable(
            () ->
                late.lock("a")
                    .run(held -> late.engine.gone(late.claimOf(held), LossReason.REVOKED)));
    assertThat(thrown).isInstanceOf(LockLostException.class);
    callbacks.runAll();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  /** Real threads, losses at odd moments: no interrupt is left over. */
  @Test
  void run_lossesAtOddMoments_leaveNoInterrupt() throws Exception {
    for (int i = 0; i < 500; i++) {
      AtomicReference<LockHandle> handle = new AtomicReference<>();
      int spins = i;
      var working =
          Background.start(
              () -> {
                Throwable thrown =
                    catchThrowable(
                        () ->
                            world
                                .lock("a")
                                .run(
                                    held -> {
                                      handle.set(held);
                                      for (int spin = 0; spin < spins * 10; spin++) {
                                        Thread.onSpinWait();
                                      }
                                    }));
                boolean left = Thread.interrupted();
                return left ? "interrupted" : thrown == null ? "done" : "lost";
              });
      while (handle.get() == null) {
        world.advance(Duration.ofNanos(20_000)); // who comes back so often stands back for a moment
      }
      lose(handle.get());
      assertThat(working.get()).isIn("done", "lost");
      world.advance(Duration.ofMillis(1));
    }
  }
}
