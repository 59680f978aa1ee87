package dev.holdfast.lock.testkit.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.testkit.VirtualTime;
import dev.holdfast.lock.testkit.memory.MemoryLocks;
import dev.holdfast.lock.testkit.memory.MemoryStore;
import dev.holdfast.lock.testkit.memory.MemoryStore.Mode;
import dev.holdfast.lock.testkit.spi.TestContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** The line between the engine and a backend, at the SPI and without real time. */
class FaultsTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final VirtualTime time = new VirtualTime(1);
  private final MemoryStore store = MemoryStore.create(Mode.QUEUE, time.ticker());
  private final Faults line = new Faults();
  private final TestContext context = new TestContext(time.environment(), "a");
  private final LockBackend backend = line.wrap(MemoryLocks.over(store)).open(context);

  @Test
  void request_lost_isNeverSeen() {
    line.next(Operation.CLAIM, Fault.loseTheRequest());
    Claim claim = context.claim("n");
    CompletableFuture<ClaimOutcome> lost = future(backend.claim(claim));
    time.advance(Duration.ofDays(1));
    assertThat(lost).isNotDone();
    assertThat(store.residue()).isZero();
    assertThat(future(backend.claim(claim))).isDone();
    assertThat(line.count(Operation.CLAIM)).isEqualTo(2);
  }

  @Test
  void reply_lost_isDoneAndNotHeardOf() {
    line.next(Operation.CLAIM, Fault.loseTheReply());
    CompletableFuture<ClaimOutcome> lost = future(backend.claim(context.claim("n")));
    time.advance(SECOND);
    assertThat(lost).isNotDone();
    assertThat(store.residue()).isEqualTo(1);
  }

  @Test
  void request_delayed_isSeenLater() {
    line.next(Operation.CLAIM, Fault.delayTheRequest(SECOND));
    CompletableFuture<ClaimOutcome> late = future(backend.claim(context.claim("n")));
    assertThat(store.residue()).isZero();
    time.advance(SECOND);
    assertThat(late.join()).isEqualTo(new Granted(1, Duration.ofSeconds(10), SECOND.toNanos()));
  }

  @Test
  void reply_delayed_isHeardLater() {
    line.next(Operation.CLAIM, Fault.delayTheReply(SECOND));
    CompletableFuture<ClaimOutcome> late = future(backend.claim(context.claim("n")));
    assertThat(store.residue()).isEqualTo(1);
    assertThat(late).isNotDone();
    time.advance(SECOND);
    assertThat(late.join()).isEqualTo(new Granted(1, Duration.ofSeconds(10), 0));
  }

  @Test
  void failure_isTheDrivers_andTheStoreSeesNothing() {
    line.next(Operation.CLAIM, Fault.fail("away"));
    CompletableFuture<ClaimOutcome> failed = future(backend.claim(context.claim("n")));
    assertThat(failed).isCompletedExceptionally();
    assertThat(failed)
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(BackendFailure.class);
    assertThat(store.residue()).isZero();
  }

  @Test
  void renewal_meetsFaults_nameByName() {
    Claim first = context.claim("first");
    Claim second = context.claim("second");
    var unused = backend.claim(first);
    unused = backend.claim(second);
    line.plan((operation, name) -> name.equals("first") ? Fault.loseTheReply() : Fault.NONE);
    backend.renew(List.of(first, second));
    assertThat(context.answers).containsExactly("renewed a-2 0");
    line.plan((operation, name) -> Fault.NONE);
    line.next(Operation.RENEW, Fault.delayTheReply(SECOND));
    backend.renew(List.of(first, second));
    assertThat(context.answers).hasSize(1);
    time.advance(SECOND);
    assertThat(context.answers).hasSize(3);
    assertThat(line.count(Operation.RENEW)).isEqualTo(2);
  }

  @Test
  void stalledLine_deliversAllOfItLate_inOrder() {
    Claim claim = context.claim("n");
    line.stall();
    CompletableFuture<ClaimOutcome> claimed = future(backend.claim(claim));
    CompletableFuture<?> released = future(backend.release(claim));
    time.advance(SECOND);
    assertThat(claimed).isNotDone();
    line.heal();
    assertThat(claimed).isDone();
    assertThat(released).isDone();
    assertThat(store.residue()).isZero();
  }

  @Test
  void wakeUp_lost_isNotHeard_andFoundOnAskingAgain() {
    TestContext other = new TestContext(time.environment(), "b");
    LockBackend holder = MemoryLocks.over(store).open(other);
    Claim held = other.claim("n");
    var unused = holder.claim(held);
    Claim waits = context.claim("n");
    Waiting waiting = (Waiting) future(backend.claim(waits)).join();
    line.next(Operation.WAKE_UP, Fault.loseTheReply());
    var released = holder.release(held);
    time.settle();
    assertThat(released.toCompletableFuture()).isCompleted();
    assertThat(waiting.next()).isNotDone();
    assertThat(line.count(Operation.WAKE_UP)).isEqualTo(1);
    assertThat(future(backend.claim(waits)).join()).isInstanceOf(Granted.class);
    assertThat(line.granted("n")).contains(waits);
    assertThat(line.mostContenders()).isEqualTo(1);
  }

  @Test
  void close_behindABlackHole_takesItsTime() {
    line.blackHole();
    CompletableFuture<Void> closed = future(backend.close(SECOND));
    assertThat(closed).isNotDone();
    time.advance(SECOND);
    assertThat(closed).isDone();
  }

  private static <T> CompletableFuture<T> future(CompletionStage<T> stage) {
    return stage.toCompletableFuture();
  }
}
