package dev.holdfast.lock.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.fault.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What locks cost: S1, S3 and W5, and the store operations of each step. */
public interface ScaleContract extends ContractTest {

  /** S1: names that are used once leave nothing behind. */
  @Test
  default void names_usedOnce_leaveTheStoreAsItWas() throws Exception {
    TestClient a = client();
    a.hold(name("connects")).close(); // its connection is there before and after
    var before = fixture().residue();
    for (int i = 0; i < 500; i++) {
      a.hold(name("n" + i)).close();
    }
    requires(before.isPresent(), "S1", "a count of what is at the store in its fixture");
    Await.until(
        "the store to be as it was",
        lease().plus(grace()),
        () -> fixture().residue().getAsLong() <= before.getAsLong());
  }

  /** S3: many held locks take no more threads than a few; how often they are renewed is S2's. */
  @Test
  default void locks_manyHeld_takeFewThreads() throws Exception {
    TestClient a = client(options().lease(lease().multipliedBy(5)));
    int before = Thread.activeCount();
    List<LockHandle> held = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      held.add(a.hold(name("n" + i)));
    }
    assertThat(Thread.activeCount() - before).as("threads for 1000 locks").isLessThan(20);
    ContractTest.pass(renewalPeriod().multipliedBy(5));
    assertThat(Thread.activeCount() - before).as("threads for 1000 locks").isLessThan(20);
    assertThat(held).allMatch(LockHandle::isHeld);
    held.forEach(LockHandle::close);
  }

  /** W5: one release wakes one waiter. */
  @Test
  default void release_wakesOneWaiter() throws Exception {
    requires(capabilities().queue(), "W5", "a queue");
    TestClient a = client();
    LockHandle held = a.hold(name());
    List<TestClient> clients = new ArrayList<>();
    List<CompletableFuture<LockHandle>> waiters = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      TestClient client = patientClient();
      clients.add(client);
      waiters.add(client.lock(name()).acquireAsync());
      awaitPlace(a, client, name(), i);
    }
    ContractTest.pass(Duration.ofMillis(50));
    long before = wakeUps(clients);
    held.close();
    Await.until("a grant", lease(), () -> waiters.stream().anyMatch(CompletableFuture::isDone));
    ContractTest.pass(Duration.ofMillis(100));
    assertThat(wakeUps(clients) - before).as("wake-ups for one release").isEqualTo(1);
    List<CompletableFuture<Void>> done = new ArrayList<>();
    waiters.forEach(waiter -> done.add(waiter.thenAccept(LockHandle::close)));
    for (CompletableFuture<Void> each : done) {
      each.get(20, TimeUnit.SECONDS);
    }
    assertThat(wakeUps(clients) - before).as("wake-ups for all").isEqualTo(waiters.size());
  }

  /**
   * Not only that it has asked, where that can be told: one whose claim arrives when all the others
   * are gone is not woken, but served at once.
   */
  private void awaitPlace(TestClient holder, TestClient waiter, String name, int before) {
    Await.until("claim " + before, grace(), () -> waiter.line().count(Operation.CLAIM) > 0);
    if (capabilities().participants()) {
      Await.until("place " + before, grace(), () -> waiting(holder, name) == before + 1);
    }
  }

  private static int waiting(TestClient client, String name) throws Exception {
    return ContractTest.get(client.backend().inspect(name).toCompletableFuture()).waiting().size();
  }

  /** Renews and asks again so seldom that what is counted is what a release causes. */
  private TestClient patientClient() {
    return client(options().lease(lease().multipliedBy(5)).pollInterval(Duration.ofSeconds(10)));
  }

  private static long wakeUps(List<TestClient> clients) {
    return clients.stream().mapToLong(client -> client.line().count(Operation.WAKE_UP)).sum();
  }

  /** W5: inside one client one claim is at the store, however many threads wait. */
  @Test
  default void waitersOfOneClient_sendOneClaim() throws Exception {
    LockHandle held = client().hold(name());
    TestClient b = client();
    List<CompletableFuture<LockHandle>> waiters = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      waiters.add(b.lock(name()).acquireAsync());
    }
    Await.until("a claim", grace(), () -> b.line().count(Operation.CLAIM) > 0);
    held.close();
    for (CompletableFuture<LockHandle> waiter : waiters) {
      waiter.get(10, TimeUnit.SECONDS).close();
    }
    assertThat(b.line().mostContenders()).isEqualTo(1);
  }

  /** W5: the operations of a hand-over do not grow with the number of waiters; all are printed. */
  @Test
  default void operations_perStep_areCounted() throws Exception {
    requires(fixture().operations().isPresent(), "W5", "a counter of operations in its fixture");
    TestClient a = client();
    a.hold(name()).close();
    int n = 20;
    List<LockHandle> held = new ArrayList<>();
    double first = perAcquire(a, n, held);
    held.forEach(LockHandle::close);
    held.clear();
    double acquire = perAcquire(a, n, held);
    long acquired = operations();
    held.forEach(LockHandle::close);
    double release = (double) (operations() - acquired) / n;
    double few = handOver("few", 3);
    double many = handOver("many", 12);
    report(
        "operations",
        ("acquire=%.1f (of a new name %.1f) release=%.1f"
                + " hand-over(3 waiters)=%.1f hand-over(12 waiters)=%.1f")
            .formatted(acquire, first, release, few, many));
    if (capabilities().queue()) {
      assertThat(many).as("hand-over with 12 waiters").isLessThan(few * 2 + 1);
    }
  }

  private double perAcquire(TestClient client, int n, List<LockHandle> held) throws Exception {
    long start = operations();
    for (int i = 0; i < n; i++) {
      held.add(client.hold(name("n" + i)));
    }
    return (double) (operations() - start) / n;
  }

  /** The operations per hand-over when {@code waiters} clients wait, renewals included. */
  private double handOver(String suffix, int waiters) throws Exception {
    TestClient holder = patientClient();
    LockHandle held = holder.hold(name(suffix));
    List<CompletableFuture<LockHandle>> waiting = new ArrayList<>();
    for (int i = 0; i < waiters; i++) {
      TestClient client = patientClient();
      waiting.add(client.lock(name(suffix)).acquireAsync());
      awaitPlace(holder, client, name(suffix), i);
    }
    ContractTest.pass(Duration.ofMillis(50));
    List<CompletableFuture<Void>> done = new ArrayList<>();
    waiting.forEach(waiter -> done.add(waiter.thenAccept(LockHandle::close)));
    long before = operations();
    held.close();
    for (CompletableFuture<Void> each : done) {
      each.get(20, TimeUnit.SECONDS);
    }
    return (double) (operations() - before) / (waiters + 1);
  }

  private long operations() throws Exception {
    return fixture().operations().orElseThrow();
  }
}
