package dev.holdfast.lock.testkit.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Refused;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.VirtualTime;
import dev.holdfast.lock.testkit.memory.MemoryStore.Mode;
import dev.holdfast.lock.testkit.spi.TestContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** The backend at its SPI, without an engine and without real time. */
class MemoryBackendTest {

  private static final Duration LEASE = Duration.ofSeconds(10);

  private final VirtualTime time = new VirtualTime(1);
  private MemoryStore store = MemoryStore.create(Mode.QUEUE, time.ticker());
  private final TestContext a = new TestContext(time.environment(), "a");
  private final TestContext b = new TestContext(time.environment(), "b");
  private LockBackend backendA = MemoryLocks.over(store).open(a);
  private LockBackend backendB = MemoryLocks.over(store).open(b);

  private void use(Mode mode) {
    store = MemoryStore.create(mode, time.ticker());
    backendA = MemoryLocks.over(store).open(a);
    backendB = MemoryLocks.over(store).open(b);
  }

  @Test
  void claim_ofFreeName_isGrantedFromBeforeTheCall() {
    time.advance(Duration.ofMillis(70));
    Granted granted = (Granted) now(backendA.claim(a.claim("n").withoutQueue()));
    assertThat(granted).isEqualTo(new Granted(1, LEASE, Duration.ofMillis(70).toNanos()));
  }

  @Test
  void claim_ofHeldName_withoutQueue_leavesNothing() {
    var unused = backendA.claim(a.claim("n").withoutQueue());
    Waiting waiting = (Waiting) now(backendB.claim(b.claim("n").withoutQueue()));
    assertThat(waiting.wakes()).isFalse();
    assertThat(waiting.lookAgainIn()).isEqualTo(LEASE);
    assertThat(waiting.holder().map(LockHolder::description)).contains("a");
    assertThat(store.residue()).isEqualTo(1);
  }

  @Test
  void release_withWaiter_pushesTheGrantWithTheTimeOfItsLastRenewal() {
    Claim held = a.claim("n");
    Claim waits = b.claim("n");
    var unused = backendA.claim(held);
    Waiting waiting = (Waiting) now(backendB.claim(waits));
    time.advance(Duration.ofSeconds(2));
    backendB.renew(List.of(waits));
    time.advance(Duration.ofSeconds(1));
    assertThat(now(backendA.release(held))).isEqualTo(ReleaseOutcome.RELEASED);
    assertThat(waiting.next()).isNotDone();
    time.settle();
    assertThat(now(waiting.next()))
        .isEqualTo(new Granted(2, LEASE, Duration.ofSeconds(2).toNanos()));
  }

  @Test
  void claim_again_isRecognisedAndExtended() {
    Claim held = a.claim("n");
    var unused = backendA.claim(held);
    time.advance(Duration.ofSeconds(9));
    assertThat(now(backendA.claim(held)))
        .isEqualTo(new Granted(1, LEASE, Duration.ofSeconds(9).toNanos()));
    assertThat(store.residue()).isEqualTo(1);
  }

  @Test
  void expiry_ofTheHolder_passesTheNameOn() {
    Claim held = a.claim("n");
    Claim waits = b.claim("n");
    var unused = backendA.claim(held);
    unused = backendB.claim(waits);
    time.advance(Duration.ofSeconds(6));
    backendB.renew(List.of(waits));
    time.advance(Duration.ofSeconds(4));
    assertThat(now(backendB.claim(waits))).isInstanceOf(Granted.class);
    backendA.renew(List.of(held));
    assertThat(a.answers).containsExactly("gone a-1 REVOKED");
    assertThat(now(backendA.release(held))).isEqualTo(ReleaseOutcome.NOT_HELD);
    assertThat(now(backendB.inspect("n")).holder().map(LockHolder::description)).contains("b");
  }

  @Test
  void waiter_thatIsNotHeardOf_isPassedByAndForgotten() {
    Claim held = a.claim("n");
    Claim dead = b.claim("n");
    var unused = backendA.claim(held);
    unused = backendB.claim(dead);
    time.advance(Duration.ofSeconds(6));
    backendA.renew(List.of(held));
    Claim alive = b.claim("n");
    unused = backendB.claim(alive);
    var released = backendA.release(held);
    assertThat(now(released)).isEqualTo(ReleaseOutcome.RELEASED);
    assertThat(now(backendB.claim(alive))).isInstanceOf(Granted.class);
    time.advance(Duration.ofSeconds(5));
    backendB.renew(List.of(alive, dead));
    assertThat(b.answers).containsExactly("renewed b-2 11000", "gone b-1 REVOKED");
  }

  @Test
  void polledStore_keepsNoWaiter() {
    use(Mode.POLLED);
    var unused = backendA.claim(a.claim("n"));
    Waiting waiting = (Waiting) now(backendB.claim(b.claim("n")));
    assertThat(waiting.wakes()).isFalse();
    assertThat(store.residue()).isEqualTo(1);
  }

  @Test
  void script_expireRevokeAndSwitch_doWhatTheySay() {
    Claim first = a.claim("n");
    Claim second = a.claim("m");
    var unused = backendA.claim(first);
    unused = backendA.claim(second);
    store.expire("n");
    store.revoke("m");
    backendA.renew(List.of(first, second));
    assertThat(a.answers).containsExactly("gone a-1 EXPIRED", "gone a-2 REVOKED");
    store.setEnabled("n", false);
    assertThat(now(backendB.claim(b.claim("n")))).isInstanceOf(Refused.class);
    store.setEnabled("n", true);
    assertThat(now(backendB.claim(b.claim("n")))).isInstanceOf(Granted.class);
  }

  @Test
  void partition_letsNothingThrough_untilHealed() {
    Claim held = a.claim("n");
    var unused = backendA.claim(held);
    store.partition("a");
    backendA.renew(List.of(held));
    CompletionStage<ReleaseOutcome> lost = backendA.release(held);
    store.heal("a");
    assertThat(lost).isNotDone();
    assertThat(a.answers).isEmpty();
    assertThat(store.residue()).isEqualTo(1);
    assertThat(now(backendA.release(held))).isEqualTo(ReleaseOutcome.RELEASED);
  }

  @Test
  void blockingStore_behindABlackHole_failsWhenPatienceIsOver() {
    use(Mode.BLOCKING);
    store.partition("a");
    long start = System.nanoTime();
    CompletionStage<ClaimOutcome> claimed = backendA.claim(a.claim("n"));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(199));
    assertThat(claimed.toCompletableFuture()).isCompletedExceptionally();
  }

  @Test
  void manyNames_usedOnce_leaveNothing() {
    for (int i = 0; i < 1000; i++) {
      Claim claim = a.claim("n" + i);
      var unused = backendA.claim(claim);
      assertThat(now(backendA.release(claim))).isEqualTo(ReleaseOutcome.RELEASED);
    }
    assertThat(store.residue()).isZero();
    assertThat(store.rows()).isZero();
  }

  private static <T> T now(CompletionStage<T> stage) {
    assertThat(stage).isDone();
    return stage.toCompletableFuture().join();
  }
}
