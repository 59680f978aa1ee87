package dev.holdfast.lock.testkit.contract;

import static dev.holdfast.lock.testkit.contract.ContractTest.pass;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.LockCapabilities.LeaseScope;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.fault.Fault;
import dev.holdfast.lock.testkit.fault.Faults;
import dev.holdfast.lock.testkit.fault.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What is held stays held, at little cost: L3 and S2. */
public interface RenewalContract extends ContractTest {

  /** A lock under disturbance, and somebody of another client who waits for it all the time. */
  record Case(
      Consumer<Faults> disturb,
      TestClient client,
      LockHandle held,
      Loss loss,
      CompletableFuture<LockHandle> next) {}

  /**
   * L3: renewals that are lost, late, doubled, failing, or cut off for less than two of their
   * periods cost no lock; and who waits meanwhile, for longer than a lease, is served in the end.
   */
  @Test
  default void renewals_disturbedForAWhile_keepTheLock() throws Exception {
    Map<String, Consumer<Faults>> disturbances = new LinkedHashMap<>();
    disturbances.put("none", line -> {});
    disturbances.put("request lost", line -> line.next(Operation.RENEW, Fault.loseTheRequest()));
    disturbances.put("answer lost", line -> line.next(Operation.RENEW, Fault.loseTheReply()));
    disturbances.put("driver fails", line -> line.next(Operation.RENEW, Fault.fail("on purpose")));
    disturbances.put("two lost in a row", line -> line.plan(loseRenewals(2)));
    disturbances.put("doubled", line -> line.always(Operation.RENEW, Fault.duplicated()));
    Fault late = Fault.delayTheReply(lease().dividedBy(7));
    disturbances.put("late", line -> line.always(Operation.RENEW, late));
    disturbances.put("cut off", Faults::blackHole);
    disturbances.put("stalled", Faults::stall);

    TestClient rival = client();
    Map<String, Case> cases = new LinkedHashMap<>();
    for (Map.Entry<String, Consumer<Faults>> each : disturbances.entrySet()) {
      TestClient a = client();
      String name = name(each.getKey().replace(' ', '-'));
      LockHandle held = a.hold(name);
      Loss loss = Loss.of(held);
      CompletableFuture<LockHandle> next = rival.lock(name).acquireAsync();
      cases.put(each.getKey(), new Case(each.getValue(), a, held, loss, next));
    }
    cases.values().forEach(each -> each.disturb().accept(each.client().line()));
    pass(renewalPeriod().multipliedBy(7).dividedBy(4));
    cases.values().forEach(each -> each.client().heal());
    pass(lease().multipliedBy(2));

    cases.forEach(
        (what, each) -> {
          assertThat(each.loss().notices()).as(what).isEmpty();
          assertThat(each.held().isHeld()).as(what).isTrue();
          assertThat(each.next()).as(what).isNotDone();
        });
    for (Case each : cases.values()) {
      each.held().close();
      each.next().get(lease().toMillis(), TimeUnit.MILLISECONDS).close();
    }
  }

  private static BiFunction<Operation, String, Fault> loseRenewals(int count) {
    AtomicInteger lost = new AtomicInteger();
    return (operation, name) ->
        operation == Operation.RENEW && lost.getAndIncrement() < count
            ? Fault.loseTheRequest()
            : Fault.NONE;
  }

  /** S2: all that a client holds is renewed together, once per period. */
  @Test
  default void renewals_ofManyLocks_areOneRequestPerPeriod() throws Exception {
    TestClient a = client();
    List<LockHandle> held = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      held.add(a.hold(name("n" + i)));
    }
    long sent = a.line().count(Operation.RENEW);
    var before = fixture().operations();
    int periods =
        8; // as much of the trust grows after the grant, the store may be asked less often
    pass(renewalPeriod().multipliedBy(periods));
    long renewals = a.line().count(Operation.RENEW) - sent;
    assertThat(renewals).as("requests in %d periods", periods).isBetween(3L, 2L * periods);
    if (before.isPresent()) {
      long operations = fixture().operations().getAsLong() - before.getAsLong();
      report("operations", "renewal of 100 locks=" + (double) operations / periods);
    }
    for (LockHandle each : held) {
      assertThat(each.isHeld()).isTrue();
      each.close();
    }
  }

  /** S2: one lock that cannot be renewed, and some whose records are gone, endanger no other. */
  @Test
  default void renewal_stuckForOneName_endangersNoOther() throws Exception {
    TestClient a = client();
    String stuck = name("n0");
    a.line()
        .plan(
            (operation, name) ->
                operation == Operation.RENEW && name.equals(stuck)
                    ? Fault.loseTheRequest()
                    : Fault.NONE);
    List<LockHandle> held = new ArrayList<>();
    List<Loss> losses = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      held.add(a.hold(name("n" + i)));
      losses.add(Loss.of(held.get(i)));
    }
    for (int i = 1; i <= 5; i++) {
      deleteRecord(name("n" + i));
    }
    pass(lease().plus(renewalPeriod()));
    if (capabilities().leaseScope() == LeaseScope.LOCK) {
      assertThat(losses.get(0).await(grace()).loss().reason()).isEqualTo(LossReason.EXPIRED);
    }
    for (int i = 1; i <= 5; i++) {
      assertThat(losses.get(i).await(grace()).loss().reason()).isEqualTo(LossReason.REVOKED);
    }
    for (int i = 6; i < 30; i++) {
      assertThat(losses.get(i).notices()).isEmpty();
      assertThat(held.get(i).isHeld()).isTrue();
    }
    held.forEach(LockHandle::close);
  }

  /** S2: each lock has the lease that it asked for; it leaks into no other. */
  @Test
  default void lease_ofOneLock_isNotAnothers() throws Exception {
    requires(capabilities().leaseScope() == LeaseScope.LOCK, "A8", "a lease for each lock");
    TestClient a = client();
    Duration longer = lease().multipliedBy(2);
    LockOptions options = LockOptions.builder().lease(longer).build();
    LockHandle first = a.lock(name(), options).acquire(lease());
    assertThat(first.lease()).isEqualTo(longer);
    Await.until("its trust", grace(), () -> first.remaining().compareTo(lease()) > 0);
    first.close();
    LockHandle second = a.hold(name());
    assertThat(second.lease()).isEqualTo(lease());
    assertThat(second.remaining()).isLessThan(lease());
  }
}
