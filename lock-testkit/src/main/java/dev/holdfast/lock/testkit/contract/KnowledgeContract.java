package dev.holdfast.lock.testkit.contract;

import static dev.holdfast.lock.testkit.contract.ContractTest.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockObserver;
import dev.holdfast.lock.LockTimeoutException;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a client lets people know: who holds, why a wait failed, what it does: P3. */
public interface KnowledgeContract extends ContractTest {

  /** P3: a timeout says who holds the lock, by description and token. */
  @Test
  default void timeout_saysWhoHoldsTheLock() throws Exception {
    TestClient a = client();
    LockHandle held = a.hold(name());
    TestClient b = client();
    b.hold(name("other")).close(); // connects, which may take a cluster longer than the wait below
    assertThatThrownBy(() -> b.lock(name()).acquire(patience().dividedBy(2)))
        .isInstanceOfSatisfying(
            LockTimeoutException.class,
            timeout -> {
              assertThat(timeout.lockName()).contains(name());
              assertThat(timeout.backend()).isEqualTo(capabilities().backend());
              LockHolder holder = timeout.holder().orElseThrow();
              assertThat(holder.description()).isEqualTo("client-1");
              assertThat(holder.fencingToken()).hasValue(held.fencingToken());
            })
        .hasMessageContainingAll(name(), "client-1", String.valueOf(held.fencingToken()));
  }

  /** P3: who has it, not who stands before: a timeout behind others that wait is no different. */
  @Test
  default void timeout_behindAWaiter_saysWhoHoldsTheLock() throws Exception {
    LockHandle held = client().hold(name());
    CountDownLatch stands = new CountDownLatch(1);
    TestClient b = client(options().observer(new WaitingContract.Queued(stands)));
    CompletableFuture<LockHandle> waiter = b.lock(name()).acquireAsync();
    assertThat(stands.await(30, TimeUnit.SECONDS)).as("place of the waiter").isTrue();
    Duration poll = patience().dividedBy(2);
    TestClient c =
        client(options().operationTimeout(patience().multipliedBy(2)).pollInterval(poll));
    c.hold(name("other")).close(); // connects, as above
    // Asked once, with little time, and with so much that who holds the lock is asked for later.
    for (Duration wait : List.of(Duration.ZERO, patience().dividedBy(2), lease())) {
      assertThatThrownBy(() -> c.lock(name()).acquire(wait))
          .isInstanceOfSatisfying(
              LockTimeoutException.class,
              timeout ->
                  assertThat(timeout.holder().orElseThrow().fencingToken())
                      .hasValue(held.fencingToken()));
    }
    held.close();
    get(waiter).close();
  }

  /** P3: who waits for himself is told so. */
  @Test
  default void timeout_behindOneself_saysHeldByThisClient() throws Exception {
    TestClient a = client();
    LockHandle held = a.hold(name());
    assertThatThrownBy(() -> a.lock(name()).acquire(Duration.ofMillis(50)))
        .isInstanceOf(LockTimeoutException.class)
        .hasMessageContaining("held by this client");
    assertThat(held.isHeld()).isTrue();
  }

  /** P3: holder() shows who has the lock, to everybody, and nobody when it is free. */
  @Test
  default void holder_showsWhoHasTheLock() throws Exception {
    TestClient a = client();
    TestClient b = client();
    assertThat(b.lock(name()).holder()).isEmpty();
    LockHandle held = a.hold(name());
    for (TestClient each : List.of(a, b)) {
      LockHolder holder = each.lock(name()).holder().orElseThrow();
      assertThat(holder.description()).isEqualTo("client-1");
      assertThat(holder.fencingToken()).hasValue(held.fencingToken());
      holder.expiresIn().ifPresent(left -> assertThat(left).isBetween(Duration.ZERO, held.lease()));
    }
    held.close();
    assertThat(b.lock(name()).holder()).isEmpty();
    b.silence();
    assertThatThrownBy(() -> b.lock(name()).holder()).isInstanceOf(LockBackendException.class);
  }

  /** P3: where the store shows who waits, it shows all of them, in order. */
  @Test
  default void queue_isShown_whereTheStoreKeepsOne() throws Exception {
    requires(capabilities().participants(), "P3", "a list of those who wait");
    TestClient a = client();
    LockHandle held = a.hold(name());
    for (int waiting = 1; waiting <= 3; waiting++) {
      int expected = waiting;
      CompletableFuture<LockHandle> unused = client().lock(name()).acquireAsync();
      Await.until("the queue", grace(), () -> queue(a).size() == expected);
    }
    assertThat(queue(a)).containsExactly("client-2", "client-3", "client-4");
    assertThat(held.isHeld()).isTrue();
  }

  private List<String> queue(TestClient client) throws Exception {
    return get(client.backend().inspect(name()).toCompletableFuture()).waiting().stream()
        .map(LockHolder::description)
        .toList();
  }

  /** P3: an observer sees attempts, waits, grants, renewals, losses and releases. */
  @Test
  default void observer_seesWhatHappens() throws Exception {
    Events events = new Events();
    TestClient a = client(options().observer(events));
    TestClient b = client();
    LockHandle first = a.hold(name());
    long token = first.fencingToken();
    Await.until(
        "a renewal",
        renewalPeriod().plus(grace()),
        () -> events.seen.stream().anyMatch(each -> each.startsWith("renewed")));
    assertThat(first.release()).isEqualTo(ReleaseResult.RELEASED);
    LockHandle other = b.hold(name());
    assertThat(a.lock(name()).tryAcquire(patience().dividedBy(2))).isEmpty();
    other.close();
    LockHandle second = a.hold(name());
    deleteRecord(name());
    var unused = Loss.of(second).await(lease());
    // The listener and the observer are told of a loss in no order.
    String loss = "lost " + second.fencingToken();
    Await.until("the observer to see the loss", grace(), () -> events.seen.contains(loss));
    List<String> seen =
        events.seen.stream().filter(each -> !each.startsWith("renewed")).distinct().toList();
    assertThat(seen)
        .containsExactly(
            "attempted",
            "granted " + token,
            "released " + token + " RELEASED",
            "waiting",
            "notAcquired",
            "granted " + second.fencingToken(),
            loss);
  }

  /** P3: an observer that throws changes nothing. */
  @Test
  default void observer_thatThrows_changesNothing() throws Exception {
    LockObserver broken =
        new LockObserver() {
          @Override
          public void attempted(String lockName) {
            throw new IllegalStateException("an observer that throws, on purpose");
          }

          @Override
          public void granted(String lockName, long fencingToken, Duration waited) {
            throw new IllegalStateException("an observer that throws, on purpose");
          }

          @Override
          public void released(String lockName, long token, ReleaseResult result, Duration held) {
            throw new IllegalStateException("an observer that throws, on purpose");
          }
        };
    TestClient a = client(options().observer(broken));
    assertThat(a.hold(name()).release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(a.lock(name()).tryAcquire()).isPresent();
  }

  /** Writes down what it sees. */
  final class Events implements LockObserver {
    private final List<String> seen = new CopyOnWriteArrayList<>();

    /** With nothing seen. */
    Events() {}

    @Override
    public void attempted(String lockName) {
      seen.add("attempted");
    }

    @Override
    public void waiting(String lockName, Optional<LockHolder> holder) {
      seen.add("waiting");
    }

    @Override
    public void granted(String lockName, long fencingToken, Duration waited) {
      seen.add("granted " + fencingToken);
    }

    @Override
    public void notAcquired(String lockName, Duration waited) {
      seen.add("notAcquired");
    }

    @Override
    public void renewed(String lockName, long fencingToken, Duration remaining) {
      seen.add("renewed " + fencingToken);
    }

    @Override
    public void lost(LockLoss loss) {
      seen.add("lost " + loss.fencingToken());
    }

    @Override
    public void released(String lockName, long token, ReleaseResult result, Duration held) {
      seen.add("released " + token + " " + result);
    }
  }
}
