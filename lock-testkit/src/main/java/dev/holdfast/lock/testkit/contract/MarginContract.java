package dev.holdfast.lock.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockObserver;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.fault.Fault;
import dev.holdfast.lock.testkit.fault.Faults;
import dev.holdfast.lock.testkit.fault.Operation;
import java.time.Duration;
import java.util.ArrayList;
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
 * this finds. Prints the margins as lines that {@code ./verify} collects.
 */
public abstract class MarginContract extends Contract {

  private static final int CLIENTS = 5;
  private static final int LOCKS_EACH = 4;

  /** For the class of a backend. */
  protected MarginContract() {}

  /** A lock whose holder will be cut off. */
  private record Victim(TestClient client, LockHandle handle, Loss loss) {}

  /** What the next holder saw at its grant: when, and whether the old one said that it held. */
  private record Grant(long at, boolean oldOneHeld) {}

  /** What happens to the victims' line. */
  private interface Cut {
    void now(TestClient victim) throws Exception;
  }

  /** L1: of 20 holders that are cut off, each knows before the next one is granted its lock. */
  @Test
  public void margins_ofHoldersCutOff_arePositive() throws Exception {
    List<Victim> victims = acquire();
    passARandomPhase();
    measure("cut off", victims, TestClient::silence);
  }

  /** L1: the same when requests and answers are only late, and arrive after the takeover. */
  @Test
  public void margins_ofHoldersStalled_arePositive() throws Exception {
    List<Victim> victims = acquire();
    passARandomPhase();
    measure("stalled", victims, victim -> victim.line().stall());
  }

  /** L1: the same when answers were slow before the cut: trust counts from the request (A1). */
  @Test
  public void margins_afterSlowAnswers_arePositive() throws Exception {
    requires(fixture().delayReplies(Duration.ZERO), "A1", "delayed answers in its fixture");
    List<Victim> victims = acquire();
    // Until all is connected that renewals need: a slow login is another matter.
    ContractTest.pass(renewalPeriod().multipliedBy(2));
    try {
      assertThat(fixture().delayReplies(lease().dividedBy(5))).isTrue();
      passARandomPhase();
      // The answers that are under way still arrive: the most that can be read into them.
      victims.forEach(victim -> victim.client().line().loseRequests());
      ContractTest.pass(lease().dividedBy(5));
    } finally {
      assertThat(fixture().delayReplies(Duration.ZERO)).isTrue();
    }
    measure("cut off after slow answers", victims, victim -> {});
  }

  /**
   * L1: the same for holders that were granted their locks by a hand-over, and cut off before their
   * first renewal: what they trust counts from the last renewal of their place in the queue (A1).
   * Their renewals are lost for a while before the hand-over: what is wrongly counted from the
   * grant must be longer than the safety margin in every run, whatever the phase.
   */
  @Test
  public void margins_afterAHandOver_arePositive() throws Exception {
    List<Victim> first = acquire();
    List<TestClient> clients = clients();
    List<CompletableFuture<LockHandle>> waiters = new ArrayList<>();
    for (int i = 0; i < first.size(); i++) {
      TestClient client = clients.get(i / LOCKS_EACH);
      waiters.add(client.lock(first.get(i).handle().lockName()).acquireAsync());
      ContractTest.pass(renewalPeriod().dividedBy(first.size()));
    }
    passARandomPhase();
    for (TestClient client : clients) {
      client.line().always(Operation.RENEW, Fault.loseTheRequest());
    }
    ContractTest.pass(lease().dividedBy(4));
    first.forEach(victim -> victim.handle().close());
    Duration limit = lease().multipliedBy(3).plus(grace());
    List<Victim> victims = new ArrayList<>();
    for (int i = 0; i < first.size(); i++) {
      LockHandle handle = waiters.get(i).get(limit.toMillis(), TimeUnit.MILLISECONDS);
      victims.add(new Victim(clients.get(i / LOCKS_EACH), handle, Loss.of(handle)));
    }
    measure("cut off after a hand-over", victims, TestClient::silence);
  }

  /**
   * Clients whose listeners run where they are handed over: what is measured is the engine, not how
   * long a machine under load takes to start twenty threads.
   */
  private List<TestClient> clients() {
    List<TestClient> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(client(options().callbackExecutor(Runnable::run)));
    }
    return clients;
  }

  /** Several clients with several locks each, a fraction of the renewal period apart. */
  private List<Victim> acquire() throws Exception {
    return acquire(clients());
  }

  private List<Victim> acquire(List<TestClient> clients) throws Exception {
    List<Victim> victims = new ArrayList<>();
    for (TestClient client : clients) {
      List<CompletableFuture<LockHandle>> acquired = new ArrayList<>();
      for (int j = 0; j < LOCKS_EACH; j++) {
        acquired.add(client.lock(name(String.valueOf(victims.size() + j))).acquireAsync());
      }
      for (CompletableFuture<LockHandle> each : acquired) {
        LockHandle handle = each.get(10, TimeUnit.SECONDS);
        victims.add(new Victim(client, handle, Loss.of(handle)));
      }
      ContractTest.pass(renewalPeriod().dividedBy(CLIENTS));
    }
    return victims;
  }

  private void passARandomPhase() {
    long phase = ThreadLocalRandom.current().nextLong(renewalPeriod().toNanos());
    ContractTest.pass(renewalPeriod().plusNanos(phase));
  }

  private void measure(String fault, List<Victim> victims, Cut cut) throws Exception {
    Map<String, Grant> grants = new ConcurrentHashMap<>();
    TestClient next = client(options().observer(new GrantObserver(victims, grants)));
    List<CompletableFuture<LockHandle>> waiters = new ArrayList<>();
    for (Victim victim : victims) {
      waiters.add(next.lock(victim.handle().lockName()).acquireAsync());
    }
    for (Victim victim : victims) {
      cut.now(victim.client());
    }

    Duration limit = lease().multipliedBy(3).plus(grace());
    List<Duration> margins = new ArrayList<>();
    for (Victim victim : victims) {
      String name = victim.handle().lockName();
      Grant grant =
          Await.value("a grant of " + name, limit, () -> Optional.ofNullable(grants.get(name)));
      Loss.Notice notice = victim.loss().await(limit);
      margins.add(Duration.ofNanos(grant.at() - notice.at()));
      assertThat(grant.oldOneHeld()).as("isHeld() of the old holder at the grant").isFalse();
    }
    print(fault, margins);
    assertThat(margins).allMatch(margin -> margin.compareTo(Duration.ZERO) > 0);
    victims.forEach(victim -> heal(victim.client().line()));
    for (CompletableFuture<LockHandle> waiter : waiters) {
      waiter.get(limit.toMillis(), TimeUnit.MILLISECONDS).close();
    }
  }

  private static void heal(Faults line) {
    for (Operation operation : Operation.values()) {
      line.always(operation, Fault.NONE);
    }
    line.heal();
  }

  /** Sees a grant as early as anybody outside of the engine can. */
  private record GrantObserver(List<Victim> victims, Map<String, Grant> grants)
      implements LockObserver {

    @Override
    public void granted(String lockName, long fencingToken, Duration waited) {
      long now = System.nanoTime();
      boolean held =
          victims.stream()
              .map(Victim::handle)
              .anyMatch(handle -> handle.lockName().equals(lockName) && handle.isHeld());
      grants.put(lockName, new Grant(now, held));
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
