package dev.holdfast.lock.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockObserver;
import dev.holdfast.lock.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * The directed margin test: holders behind the fault path, waiters that come directly, and the
 * fault at a random phase of the renewal period. Random faults alone find half of the defects that
 * this finds. Prints the margins as a line that {@code ./verify} collects.
 */
public abstract class MarginContract extends Contract {

  private static final int CLIENTS = 5;
  private static final int LOCKS_EACH = 4;

  /** For the class of a backend. */
  protected MarginContract() {}

  /** What the next holder saw at its grant: when, and whether the old one said that it held. */
  private record Grant(long at, boolean oldOneHeld) {}

  /** L1: of 20 holders that are cut off, each knows before the next one is granted its lock. */
  @Test
  public void margins_ofHoldersCutOff_arePositive() throws Exception {
    measure("cut off", clients -> clients.forEach(TestClient::silence));
  }

  /** L1: the same when answers were slow before the cut: trust counts from the request (A1). */
  @Test
  public void margins_afterSlowAnswers_arePositive() throws Exception {
    Duration delay = lease().dividedBy(5);
    requires(fixture().delayReplies(delay), "A1", "delayed answers in its fixture");
    measure(
        "cut off after slow answers",
        clients -> {
          clients.forEach(TestClient::silence);
          assertThat(fixture().delayReplies(Duration.ZERO)).isTrue();
        });
  }

  /** L1: the same when requests and answers are only late, and arrive after the takeover. */
  @Test
  public void margins_ofHoldersStalled_arePositive() throws Exception {
    measure("stalled", clients -> clients.forEach(client -> client.line().stall()));
  }

  private interface Cut {
    void now(List<TestClient> clients) throws Exception;
  }

  private void measure(String fault, Cut cut) throws Exception {
    Map<String, LockHandle> held = new ConcurrentHashMap<>();
    Map<String, Loss> losses = new HashMap<>();
    Map<String, Grant> grants = new ConcurrentHashMap<>();
    List<TestClient> holders = new ArrayList<>();
    TestClient next = client(options().observer(new GrantObserver(held, grants)));
    for (int i = 0; i < CLIENTS; i++) {
      TestClient holder = client();
      holders.add(holder);
      for (int j = 0; j < LOCKS_EACH; j++) {
        String name = name(i + "-" + j);
        LockHandle handle = holder.hold(name);
        held.put(name, handle);
        losses.put(name, Loss.of(handle));
      }
      ContractTest.pass(renewalPeriod().dividedBy(CLIENTS));
    }
    List<CompletableFuture<LockHandle>> waiters = new ArrayList<>();
    held.keySet().forEach(name -> waiters.add(next.lock(name).acquireAsync()));
    long phase = ThreadLocalRandom.current().nextLong(renewalPeriod().toNanos());
    ContractTest.pass(renewalPeriod().plusNanos(phase));
    cut.now(holders);

    Duration limit = lease().multipliedBy(3).plus(grace());
    List<Duration> margins = new ArrayList<>();
    for (Map.Entry<String, Loss> each : losses.entrySet()) {
      String name = each.getKey();
      Grant grant =
          Await.value("a grant of " + name, limit, () -> Optional.ofNullable(grants.get(name)));
      Loss.Notice notice = each.getValue().await(limit);
      margins.add(Duration.ofNanos(grant.at() - notice.at()));
      assertThat(grant.oldOneHeld()).as("isHeld() of the old holder at the grant").isFalse();
    }
    print(fault, margins);
    assertThat(margins).allMatch(margin -> margin.compareTo(Duration.ZERO) > 0);
    holders.forEach(TestClient::heal);
    for (CompletableFuture<LockHandle> waiter : waiters) {
      waiter.get(limit.toMillis(), TimeUnit.MILLISECONDS).close();
    }
  }

  private record GrantObserver(Map<String, LockHandle> held, Map<String, Grant> grants)
      implements LockObserver {

    @Override
    public void granted(String lockName, long fencingToken, Duration waited) {
      long now = System.nanoTime();
      LockHandle old = held.get(lockName);
      grants.put(lockName, new Grant(now, old != null && old.isHeld()));
    }
  }

  private void print(String fault, List<Duration> margins) {
    List<Long> sorted = margins.stream().map(Duration::toMillis).sorted().toList();
    report(
        "margin",
        "margins: n=%d min=%d ms median=%d ms max=%d ms (%s)"
            .formatted(
                sorted.size(),
                sorted.get(0),
                sorted.get(sorted.size() / 2),
                sorted.get(sorted.size() - 1),
                fault));
  }
}
