package dev.holdfast.lock.testkit.contract;

import static dev.holdfast.lock.testkit.contract.ContractTest.get;
import static dev.holdfast.lock.testkit.contract.ContractTest.pass;
import static dev.holdfast.lock.testkit.contract.ContractTest.since;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.fault.Fault;
import dev.holdfast.lock.testkit.fault.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** A release frees one grant, its own, from wherever it is called: R1 and R2. */
public interface ReleaseContract extends ContractTest {

  /** R1: a holder whose lease ran out cannot release its successor. */
  @Test
  default void release_afterExpiry_leavesSuccessorHolding() throws Exception {
    TestClient a = client();
    TestClient b = client();
    LockHandle old = a.hold(name());
    a.silence();
    LockHandle next = b.lock(name()).acquire(lease().multipliedBy(2));
    a.heal();
    assertThat(old.release()).isEqualTo(ReleaseResult.ALREADY_LOST);
    old.close();
    pass(renewalPeriod().multipliedBy(2));
    assertThat(client().lock(name()).tryAcquire()).isEmpty();
    assertThat(next.isHeld()).isTrue();
  }

  /** R1: neither a release nor a renewal that arrives after a takeover touches the successor. */
  @Test
  default void requests_deliveredAfterATakeOver_changeNothing() throws Exception {
    TestClient a = client();
    TestClient b = client();
    LockHandle old = a.hold(name());
    a.line().stall();
    Future<ReleaseResult> released = start(old::release);
    Await.until("not held", grace(), () -> !old.isHeld());
    LockHandle next = b.lock(name()).acquire(lease().multipliedBy(2));
    long token = next.fencingToken();
    a.line().heal();
    assertThat(get(released)).isNotEqualTo(ReleaseResult.ALREADY_LOST);
    pass(renewalPeriod().multipliedBy(2));
    assertThat(next.isHeld()).isTrue();
    assertThat(b.lock(name()).holder().orElseThrow().fencingToken()).hasValue(token);
    assertThat(client().lock(name()).tryAcquire()).isEmpty();
  }

  /** R1: renewals that are delivered after a takeover neither steal the lock nor bring it back. */
  @Test
  default void renewals_deliveredAfterATakeOver_changeNothing() throws Exception {
    TestClient a = client();
    TestClient b = client();
    LockHandle old = a.hold(name());
    a.line().stall();
    LockHandle next = b.lock(name()).acquire(lease().multipliedBy(2));
    long token = next.fencingToken();
    a.line().heal();
    pass(renewalPeriod().multipliedBy(2));
    assertThat(old.isHeld()).isFalse();
    assertThat(next.isHeld()).isTrue();
    assertThat(b.lock(name()).holder().orElseThrow().fencingToken()).hasValue(token);
    next.close();
    assertThat(client().lock(name()).tryAcquire()).as("nothing came back").isPresent();
  }

  /**
   * R1: the release of an earlier handle, delivered late, leaves a later one of the same client.
   */
  @Test
  default void release_deliveredLate_leavesTheNextHandleOfTheSameClient() throws Exception {
    TestClient a = client();
    LockHandle first = a.hold(name());
    // a lease after the release was given up: by then the second one has the lock in any case
    Duration late = patience().plus(lease());
    a.line().next(Operation.RELEASE, Fault.delayTheRequest(late));
    long start = System.nanoTime();
    assertThat(first.release()).isIn(ReleaseResult.UNCONFIRMED, ReleaseResult.RELEASED);
    LockHandle second = a.hold(name());
    first.close();
    pass(late.minus(since(start)).plus(renewalPeriod()));
    assertThat(second.isHeld()).isTrue();
    assertThat(client().lock(name()).tryAcquire()).isEmpty();
  }

  /** R1: a release whose answer is lost is asked again, and has then released. */
  @Test
  default void release_whoseAnswerIsLost_endsWell() throws Exception {
    TestClient a = client();
    LockHandle held = a.hold(name());
    a.line().next(Operation.RELEASE, Fault.loseTheReply());
    assertThat(held.release()).isIn(ReleaseResult.UNCONFIRMED, ReleaseResult.RELEASED);
    assertThat(client().lock(name()).tryAcquire()).isPresent();
  }

  /** R1: with the store gone a release ends in time, says so, and is repeated until it is heard. */
  @Test
  default void release_withTheStoreGone_isUnconfirmed_andRepeated() throws Exception {
    TestClient a = client(options().lease(lease().multipliedBy(5)));
    TestClient b = client();
    LockHandle held = a.hold(name());
    Loss none = Loss.of(held);
    a.silence();
    long start = System.nanoTime();
    assertThat(held.release()).isEqualTo(ReleaseResult.UNCONFIRMED);
    assertThat(since(start)).isLessThan(patience().plus(grace()));
    assertThat(held.isHeld()).isFalse();
    a.heal();
    LockHandle next = b.lock(name()).acquire(lease().multipliedBy(2));
    assertThat(next.isHeld()).isTrue();
    assertThat(none.notices()).isEmpty();
    assertThat(held.release()).isEqualTo(ReleaseResult.UNCONFIRMED);
  }

  /** R1: when release has said RELEASED the lock is free. */
  @Test
  default void release_confirmed_hasFreedTheLock() throws Exception {
    TestClient a = client();
    TestClient b = client();
    for (int i = 0; i < 50; i++) {
      LockHandle held = (i % 2 == 0 ? a : b).hold(name());
      assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
      var next = (i % 2 == 0 ? b : a).lock(name()).tryAcquire();
      assertThat(next).isPresent();
      next.get().close();
    }
  }

  /** R1: the handle is not held from the first moment of its release, before the store knows. */
  @Test
  default void release_endsIsHeld_beforeTheStoreHearsOfIt() throws Exception {
    TestClient a = client(options().operationTimeout(lease())); // it must not give up meanwhile
    TestClient b = client();
    b.hold(name("connects")).close(); // or that might take as long
    LockHandle held = a.hold(name());
    a.line().stall();
    Future<ReleaseResult> released = start(held::release);
    Await.until("not held", grace(), () -> !held.isHeld());
    assertThatThrownBy(held::ensureHeld).isInstanceOf(IllegalStateException.class);
    assertThat(held.remaining()).isEqualTo(Duration.ZERO);
    assertThat(b.lock(name()).tryAcquire()).as("the store does not know").isEmpty();
    a.line().heal();
    assertThat(get(released)).isEqualTo(ReleaseResult.RELEASED);
  }

  /** R2: any thread may release: another, a virtual one, a callback's, an interrupted one. */
  @Test
  default void release_fromAnyThread_works() throws Exception {
    TestClient a = client();
    LockHandle first = a.hold(name());
    assertThat(get(start(first::release))).isEqualTo(ReleaseResult.RELEASED);
    LockHandle second = a.hold(name());
    assertThat(get(CompletableFuture.supplyAsync(second::release)))
        .isEqualTo(ReleaseResult.RELEASED);
    LockHandle third = a.hold(name());
    CompletableFuture<ReleaseResult> inVirtual = new CompletableFuture<>();
    startVirtual(() -> inVirtual.complete(third.release()));
    assertThat(get(inVirtual)).isEqualTo(ReleaseResult.RELEASED);
    LockHandle fourth = a.hold(name());
    CompletableFuture<ReleaseResult> inCallback = new CompletableFuture<>();
    fourth.onLost(loss -> inCallback.complete(fourth.release()));
    deleteRecord(name());
    assertThat(get(inCallback)).isEqualTo(ReleaseResult.ALREADY_LOST);
  }

  /** A virtual thread where the JVM has them, else a plain one. */
  private static void startVirtual(Runnable work) throws Exception {
    try {
      var unused = Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, work);
    } catch (NoSuchMethodException olderThan21) {
      new Thread(work).start();
    }
  }

  /** R2: an interrupted thread releases, and is interrupted still. */
  @Test
  default void release_byAnInterruptedThread_worksAndKeepsTheFlag() throws Exception {
    TestClient a = client();
    LockHandle held = a.hold(name());
    Thread.currentThread().interrupt();
    ReleaseResult result = held.release();
    assertThat(Thread.interrupted()).as("the flag").isTrue();
    assertThat(result).isEqualTo(ReleaseResult.RELEASED);
    assertThat(client().lock(name()).tryAcquire()).isPresent();
  }

  /** R2: all calls of release have one result, at the same time or one after another. */
  @Test
  default void release_calledByMany_hasOneResult() throws Exception {
    TestClient a = client();
    LockHandle held = a.hold(name());
    List<Future<ReleaseResult>> calls = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      calls.add(start(held::release));
    }
    Set<ReleaseResult> results = new HashSet<>();
    for (Future<ReleaseResult> call : calls) {
      results.add(get(call));
    }
    assertThat(results).containsExactly(ReleaseResult.RELEASED);
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(a.line().count(Operation.RELEASE)).as("requests").isEqualTo(1);
  }
}
