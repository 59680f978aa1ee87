package dev.holdfast.lock.testkit.contract;

import static dev.holdfast.lock.testkit.contract.ContractTest.pass;
import static dev.holdfast.lock.testkit.contract.ContractTest.since;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.spi.LockCapabilities.LeaseScope;
import dev.holdfast.lock.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Holders are told of a loss, in time, once, and why: L1, L2, L4 and L5. */
public interface LossContract extends ContractTest {

  /** L1: a holder that is cut off knows before its lease can be over at the store. */
  @Test
  default void holder_cutOff_isToldBeforeItsLeaseEnds() throws Exception {
    TestClient a = client(wideMargin());
    LockHandle held = a.hold(name());
    Loss loss = Loss.of(held);
    assertThat(held.remaining()).isLessThanOrEqualTo(held.lease().minus(margin(held)));
    long cut = System.nanoTime();
    a.silence();
    Loss.Notice notice = loss.await(held.lease().plus(grace()));
    assertThat(Duration.ofNanos(notice.at() - cut)).isLessThan(held.lease());
    assertThat(notice.loss().reason()).isIn(lossesBySilence());
    assertThat(held.remaining()).isEqualTo(Duration.ZERO);
    assertThatThrownBy(held::ensureHeld).isInstanceOf(LockLostException.class);
    assertThat(held.release()).isEqualTo(ReleaseResult.ALREADY_LOST);
  }

  /** What a holder that is cut off may be told. */
  private List<LossReason> lossesBySilence() {
    return capabilities().leaseScope() == LeaseScope.CLIENT
        ? List.of(LossReason.EXPIRED, LossReason.SESSION_LOST)
        : List.of(LossReason.EXPIRED);
  }

  /** So that a machine which does not let a JVM run for some 100 ms is not taken for a defect. */
  private LockClientOptions.Builder wideMargin() {
    return options().margin(margin().multipliedBy(2));
  }

  private static Duration margin(LockHandle held) {
    return ContractTest.margin(held.lease());
  }

  /** L1: trust counts from before the request was sent, so a slow answer shortens it (A1). */
  @Test
  default void deadline_withSlowAnswers_countsFromTheRequest() throws Exception {
    requires(fixture().delayReplies(Duration.ZERO), "A1", "delayed answers in its fixture");
    TestClient a = client(options().operationTimeout(lease().multipliedBy(2)));
    a.hold(name("connects")).close();
    LockHandle before = a.hold(name("before"));
    // Until all is connected that claims and renewals need, and trusted for as long as it may be: a
    // slow login, and being slow right after an idle time, are another matter.
    pass(lease().dividedBy(2));
    Duration delay = lease().dividedBy(5);
    try {
      assertThat(fixture().delayReplies(delay)).isTrue();
      LockHandle held = a.hold(name());
      trustIsLess(held, delay, Duration.ZERO);
      trustIsLess(held, delay, renewalPeriod().multipliedBy(2));
      trustIsLess(before, delay, renewalPeriod().multipliedBy(2));
      held.close();
      before.close();
    } finally {
      assertThat(fixture().delayReplies(Duration.ZERO)).isTrue();
    }
  }

  /** Looks on for some time, and at least once. */
  private static void trustIsLess(LockHandle held, Duration delay, Duration during) {
    Duration most = held.lease().minus(margin(held)).minus(delay);
    long start = System.nanoTime();
    do {
      assertThat(held.remaining()).as("with answers that take " + delay).isLessThan(most);
      assertThat(held.isHeld()).isTrue();
      pass(Duration.ofMillis(1));
    } while (since(start).compareTo(during) < 0);
  }

  /** L1: no callback, however long it takes, delays the notice to another holder. */
  @Test
  default void onLost_thatBlocks_delaysNoOtherNotice() throws Exception {
    TestClient a = client(wideMargin());
    CountDownLatch blocked = new CountDownLatch(1);
    LockHandle first = a.hold(name("first"));
    LockHandle second = a.hold(name("second"));
    first.onLost(loss -> uninterruptibly(blocked));
    Loss loss = Loss.of(second);
    long cut = System.nanoTime();
    a.silence();
    Loss.Notice notice = loss.await(lease().plus(grace()));
    blocked.countDown();
    assertThat(Duration.ofNanos(notice.at() - cut)).isLessThan(lease());
  }

  private static void uninterruptibly(CountDownLatch latch) {
    try {
      boolean unused = latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** L2: every listener is told once, whatever others throw; a late one at once. */
  @Test
  default void onLost_isToldOnce_toEveryListener() throws Exception {
    TestClient a = client();
    LockHandle held = a.hold(name());
    held.onLost(
        loss -> {
          throw new IllegalStateException("a listener that throws, on purpose");
        });
    Loss early = Loss.of(held);
    CompletableFuture<?> done = held.lost().toCompletableFuture();
    a.silence();
    var notice = early.await(lease().multipliedBy(2)); // when is for L1 to say, here only how often
    Loss late = Loss.of(held);
    assertThat(late.await(grace()).loss()).isEqualTo(notice.loss());
    assertThat(done.get(1, TimeUnit.SECONDS)).isEqualTo(notice.loss());
    a.heal();
    assertThat(held.release()).isEqualTo(ReleaseResult.ALREADY_LOST);
    a.close();
    assertThat(early.notices()).hasSize(1);
    assertThat(late.notices()).hasSize(1);
  }

  /** L2: a released handle is never lost, neither when its lease would have ended nor on close. */
  @Test
  default void onLost_afterARelease_isNeverTold() throws Exception {
    TestClient a = client();
    AtomicInteger losses = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      LockHandle held = a.hold(name());
      held.onLost(loss -> losses.incrementAndGet());
      assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
      assertThat(held.lost().toCompletableFuture()).isNotDone();
    }
    pass(lease().plusMillis(100));
    a.close();
    assertThat(losses).hasValue(0);
  }

  /** L2: listeners run on the application's executor if it has given one. */
  @Test
  default void onLost_runsOnTheCallbackExecutor() throws Exception {
    List<Thread> used = new CopyOnWriteArrayList<>();
    TestClient a =
        client(
            options()
                .callbackExecutor(
                    task -> {
                      Thread thread = new Thread(task, "application-callbacks");
                      used.add(thread);
                      thread.start();
                    }));
    LockHandle held = a.hold(name());
    CompletableFuture<Thread> ran = new CompletableFuture<>();
    held.onLost(loss -> ran.complete(Thread.currentThread()));
    deleteRecord(name());
    assertThat(used).contains(ran.get(lease().toMillis(), TimeUnit.MILLISECONDS));
  }

  /** L4: who loses its record to an operator is told REVOKED, within a renewal period. */
  @Test
  default void deletion_byAnOperator_isToldAsRevoked_andTheNextGrantLives() throws Exception {
    TestClient a = client();
    LockHandle first = a.hold(name());
    Loss loss = Loss.of(first);
    deleteRecord(name());
    Loss.Notice notice = loss.await(renewalPeriod().plus(grace()));
    assertThat(notice.loss().reason()).isEqualTo(LossReason.REVOKED);
    LockHandle second = a.hold(name());
    Loss none = Loss.of(second);
    pass(lease().plus(renewalPeriod()));
    assertThat(second.isHeld()).as("acquired after a loss, and renewed").isTrue();
    assertThat(none.notices()).isEmpty();
  }

  /** L4: a holder that hangs loses the lock after its maxHold, and others get it. */
  @Test
  default void maxHold_endsTheHold() throws Exception {
    TestClient a = client();
    Duration maxHold = lease().dividedBy(3);
    LockOptions options = LockOptions.builder().maxHold(maxHold).build();
    long start = System.nanoTime();
    LockHandle held = a.lock(name(), options).acquire(lease());
    Loss.Notice notice = Loss.of(held).await(maxHold.plus(grace()));
    assertThat(notice.loss().reason()).isEqualTo(LossReason.MAX_HOLD);
    assertThat(Duration.ofNanos(notice.at() - start)).isGreaterThanOrEqualTo(maxHold);
    LockHandle next = client().lock(name()).acquire(lease().plus(grace()));
    assertThat(next.isHeld()).isTrue();
  }

  /** L5: after a pause of the whole client the first isHeld() is false, though no thread ran. */
  @Test
  default void isHeld_afterAPauseOfTheClient_isFalseAtOnce() throws Exception {
    try (PausableWorld world = new PausableWorld()) {
      TestClient a = client(options().environment(world.environment()));
      LockHandle held = a.hold(name());
      Loss loss = Loss.of(held);
      world.pause();
      a.silence();
      LockHandle next = client().lock(name()).acquire(lease().multipliedBy(2));
      assertThat(held.isHeld()).as("isHeld() while nothing of A can run").isFalse();
      assertThat(next.isHeld()).isTrue();
      assertThat(loss.notices()).as("nothing of A ran").isEmpty();
      world.resume();
      assertThat(loss.await(grace()).loss().reason()).isIn(lossesBySilence());
      a.heal();
      a.close();
    }
  }

  /** L5: ensureHeld(margin) demands a future, and is refused what no lease can give. */
  @Test
  default void ensureHeld_withAMargin_looksAhead() throws Exception {
    LockHandle held = client().hold(name());
    held.ensureHeld();
    held.ensureHeld(Duration.ZERO);
    held.ensureHeld(Duration.ofMillis(1));
    assertThatThrownBy(() -> held.ensureHeld(held.lease()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> held.ensureHeld(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> held.ensureHeld(held.lease().minusMillis(1)))
        .isInstanceOf(LockLostException.class);
    assertThat(held.isHeld()).as("a demand does not end the hold").isTrue();
    held.close();
    assertThatThrownBy(held::ensureHeld).isInstanceOf(IllegalStateException.class);
    Await.until("not held", grace(), () -> !held.isHeld());
  }
}
