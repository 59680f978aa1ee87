package dev.holdfast.lock.testkit.contract;

import static dev.holdfast.lock.testkit.contract.ContractTest.get;
import static dev.holdfast.lock.testkit.contract.ContractTest.since;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LatchOptions;
import dev.holdfast.lock.LeaderLatch;
import dev.holdfast.lock.LeaderListener;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Leaders come and go in order, and their listeners hear of it: E1. */
public interface LeadershipContract extends ContractTest {

  /** E1: one who stands alone leads, and shows it in every way. */
  @Test
  default void start_ofOne_electsIt() throws Exception {
    TestClient a = client();
    LeaderLatch latch = a.latch(name());
    Terms terms = Terms.of(latch);
    assertThat(latch.hasLeadership()).isFalse();
    assertThat(latch.leadership()).isEmpty();
    latch.start();
    latch.start();
    LockHandle leadership = latch.await();
    assertThat(leadership.isHeld()).isTrue();
    assertThat(latch.hasLeadership()).isTrue();
    assertThat(latch.leadership()).isPresent();
    assertThat(latch.leader().orElseThrow().description()).isEqualTo("client-1");
    assertThat(a.lock(name()).tryAcquire()).as("one name space with locks").isEmpty();
    terms.awaitElected(1, grace());
    Terms late = Terms.of(latch);
    late.awaitElected(1, grace());
    terms.closeLatch();
    latch.close();
    assertThat(latch.hasLeadership()).isFalse();
    assertThat(terms.awaitDeposed(1, grace())).isEqualTo(LossReason.STEPPED_DOWN);
    assertThat(client().lock(name()).tryAcquire()).isPresent();
    terms.checkEnded();
    late.checkEnded();
  }

  /** E1: of many who stand one leads at a time, until all have led. */
  @Test
  default void candidates_many_leadOneAfterAnother() throws Exception {
    List<LeaderLatch> latches = new ArrayList<>();
    List<Terms> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      LeaderLatch latch = client().latch(name());
      latches.add(latch);
      all.add(Terms.of(latch));
      latch.start();
    }
    Set<LeaderLatch> haveLed = new HashSet<>();
    long lastToken = 0;
    while (!latches.isEmpty()) {
      Await.until("a leader", lease(), () -> latches.stream().anyMatch(LeaderLatch::hasLeadership));
      List<LeaderLatch> leading = latches.stream().filter(LeaderLatch::hasLeadership).toList();
      assertThat(leading).hasSize(1);
      LeaderLatch leader = leading.get(0);
      long token = leader.await().fencingToken();
      assertThat(token).isGreaterThan(lastToken);
      lastToken = token;
      haveLed.add(leader);
      latches.remove(leader);
      leader.close();
    }
    assertThat(haveLed).hasSize(4);
    all.forEach(Terms::checkEnded);
  }

  /** E1: who steps down is deposed first, the store hears of it after, and the next one leads. */
  @Test
  default void stepDown_tellsTheListener_thenTheStore() throws Exception {
    TestClient a = client();
    TestClient b = client();
    LeaderLatch first = a.latch(name());
    Terms firstTerms = Terms.of(first);
    first.start();
    LockHandle leadership = first.await();
    firstTerms.awaitElected(1, lease()); // a term that ends before it is told of is not told at all
    LeaderLatch second = b.latch(name());
    Terms secondTerms = Terms.of(second);
    second.start();
    CompletableFuture<Boolean> secondLedMeanwhile = new CompletableFuture<>();
    firstTerms.whenDeposed(
        () -> {
          ContractTest.pass(Duration.ofMillis(200));
          secondLedMeanwhile.complete(second.hasLeadership() || leadership.isHeld());
        });
    first.stepDown();
    assertThat(get(secondLedMeanwhile)).as("led or held while the first was deposed").isFalse();
    // Without an order at the store the first one is only late, and wins if the second is later.
    int more = capabilities().queue() ? 0 : 2;
    for (; more > 0 && second.await(lease()).isEmpty(); more--) {
      first.stepDown();
    }
    assertThat(second.await(lease().plusSeconds(5))).as("E1: the next one leads").isPresent();
    secondTerms.awaitElected(1, lease());
    assertThat(first.hasLeadership()).isFalse();
    firstTerms.whenDeposed(() -> {});
    secondTerms.closeLatch();
    assertThat(first.await(lease().plusSeconds(5))).isPresent();
    firstTerms.awaitElected(2, grace());
    firstTerms.closeLatch();
    firstTerms.checkEnded();
    secondTerms.checkEnded();
  }

  /** E1: the leadership is kept while a listener is deposed, but no longer than it may take. */
  @Test
  default void stepDown_withAListenerThatHangs_releasesAfterItsTimeout() throws Exception {
    Duration timeout = lease().plus(renewalPeriod());
    TestClient a = client();
    LeaderLatch latch = a.latch(name(), LatchOptions.defaults().withStepDownTimeout(timeout));
    CountDownLatch hangs = new CountDownLatch(1);
    Terms terms = Terms.of(latch);
    terms.whenDeposed(() -> awaitUninterruptibly(hangs));
    latch.start();
    terms.awaitElected(1, lease());
    LockHandle next;
    TestClient b = client();
    long start = System.nanoTime();
    Future<?> steppingDown =
        start(
            () -> {
              latch.stepDown();
              return null;
            });
    next = b.lock(name()).acquire(lease().multipliedBy(4));
    assertThat(since(start)).isBetween(timeout, timeout.plus(lease()));
    hangs.countDown();
    var unused = get(steppingDown);
    next.close();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    boolean interrupted = false;
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** E1: a leader whose record is deleted is deposed, told why, and stands again by itself. */
  @Test
  default void loss_ofTheLeadership_isToldAndHeals() throws Exception {
    LeaderLatch latch = client().latch(name());
    Terms terms = Terms.of(latch);
    latch.start();
    terms.awaitElected(1, lease());
    deleteRecord(name());
    assertThat(terms.awaitDeposed(1, renewalPeriod().plus(grace()))).isEqualTo(LossReason.REVOKED);
    terms.awaitElected(2, lease().plusSeconds(5));
    assertThat(latch.hasLeadership()).isTrue();
    assertThat(terms.tokens()).isSorted().doesNotHaveDuplicates();
    terms.closeLatch();
    terms.checkEnded();
  }

  /** E1: a listener that still works when the leadership is lost is interrupted, then deposed. */
  @Test
  default void elected_stillRunningAtTheLoss_isInterrupted() throws Exception {
    LeaderLatch latch = client().latch(name());
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    CompletableFuture<Boolean> deposedAfter = new CompletableFuture<>();
    CompletableFuture<LockHandle> started = new CompletableFuture<>();
    latch.addListener(
        new LeaderListener() {
          @Override
          public void elected(LockHandle leadership) throws InterruptedException {
            started.complete(leadership);
            try {
              new CountDownLatch(1).await();
            } finally {
              interrupted.complete(true);
            }
          }

          @Override
          public void deposed(LockLoss loss) {
            deposedAfter.complete(interrupted.isDone());
          }
        });
    latch.start();
    assertThat(get(started).isHeld()).isTrue();
    deleteRecord(name());
    assertThat(get(interrupted)).isTrue();
    assertThat(get(deposedAfter)).isTrue();
    latch.close();
  }

  /** E1: listeners that throw change nothing. */
  @Test
  default void listener_thatThrows_changesNothing() throws Exception {
    LeaderLatch latch = client().latch(name());
    latch.addListener(
        new LeaderListener() {
          @Override
          public void elected(LockHandle leadership) {
            throw new IllegalStateException("a listener that throws, on purpose");
          }

          @Override
          public void deposed(LockLoss loss) {
            throw new IllegalStateException("a listener that throws, on purpose");
          }
        });
    Terms terms = Terms.of(latch);
    latch.start();
    terms.awaitElected(1, lease());
    latch.stepDown();
    terms.awaitElected(2, lease().plus(grace()));
    terms.closeLatch();
    terms.checkEnded();
  }

  /** E1: waits for the leadership end with their time, with an interrupt, and with the latch. */
  @Test
  default void await_endsInTime() throws Exception {
    TestClient a = client();
    LockHandle held = client().hold(name());
    LeaderLatch latch = a.latch(name());
    assertThatThrownBy(latch::await).isInstanceOf(IllegalStateException.class);
    latch.start();
    long start = System.nanoTime();
    assertThat(latch.await(Duration.ofMillis(200))).isEmpty();
    assertThat(since(start)).isBetween(Duration.ofMillis(200), grace().plusMillis(200));
    CompletableFuture<Thread> waiter = new CompletableFuture<>();
    Future<LockHandle> interrupted =
        start(
            () -> {
              waiter.complete(Thread.currentThread());
              return latch.await();
            });
    get(waiter).interrupt();
    assertThatThrownBy(() -> get(interrupted)).isInstanceOf(InterruptedException.class);
    Future<LockHandle> closed = start(latch::await);
    ContractTest.pass(Duration.ofMillis(20));
    latch.close();
    assertThatThrownBy(() -> get(closed)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(latch::start).isInstanceOf(IllegalStateException.class);
    held.close();
    TestClient c = client(); // the store may still be on its way to hear of the withdrawal
    Await.until("nobody to stand", grace(), () -> c.lock(name()).tryAcquire().isPresent());
  }

  /** E1: closing the client deposes its leaders, and silences them. */
  @Test
  default void close_ofTheClient_deposes() throws Exception {
    TestClient a = client();
    LeaderLatch leading = a.latch(name("leads"));
    Terms terms = Terms.of(leading);
    LeaderLatch standing = a.latch(name("stands"));
    Terms none = Terms.of(standing);
    LockHandle held = client().hold(name("stands"));
    leading.start();
    standing.start();
    terms.awaitElected(1, lease());
    a.close();
    long closed = System.nanoTime();
    terms.closeLatch();
    none.closeLatch();
    assertThat(since(closed)).as("to close latches of a closed client").isLessThan(grace());
    held.close();
    assertThat(terms.awaitDeposed(1, grace()))
        .isIn(LossReason.CLIENT_CLOSED, LossReason.STEPPED_DOWN);
    terms.checkEnded();
    none.checkEnded();
    assertThat(client().lock(name("leads")).tryAcquire()).isPresent();
    assertThat(client().lock(name("stands")).tryAcquire()).isPresent();
  }

  /** E1: where the store can tell, everybody sees who leads and who stands, in order. */
  @Test
  default void participants_areShown_whereTheStoreCanTell() throws Exception {
    TestClient a = client();
    LeaderLatch first = a.latch(name());
    if (!capabilities().participants()) {
      assertThatThrownBy(first::participants).isInstanceOf(UnsupportedOperationException.class);
      requires(false, "E1", "a list of participants");
    }
    first.start();
    first.await();
    LeaderLatch second = client().latch(name());
    second.start();
    Await.until("both", lease(), () -> first.participants().size() == 2);
    LeaderLatch third = client().latch(name());
    third.start();
    Await.until("all", lease(), () -> third.participants().size() == 3);
    assertThat(third.participants().stream().map(LockHolder::description))
        .containsExactly("client-1", "client-2", "client-3");
    assertThat(third.participants().get(0).fencingToken()).isPresent();
  }
}
