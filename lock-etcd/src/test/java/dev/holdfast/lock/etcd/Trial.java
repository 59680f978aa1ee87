package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockObserver;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Locks that some clients hold and another awaits, through one fault: each loss must be told before
 * the next grant, whatever else happens. The holders' renewals are out of step with each other.
 *
 * <p>Listeners return at the end only, so that nobody gives a lost lock back: each grant is the
 * store's own doing, when the lease has run out there.
 */
final class Trial implements AutoCloseable {

  private static final int CLIENTS = 5;
  private static final int LOCKS_EACH = 4;

  /** When a holder was told, and why. */
  private record Notice(long at, LossReason reason) {}

  private final Duration lease;
  private final String prefix = "/trial" + System.nanoTime();
  private final List<LockClient> holders = new ArrayList<>();
  private final LockClient next;
  private final Map<String, LockHandle> held = new ConcurrentHashMap<>();
  private final Map<String, Notice> notices = new ConcurrentHashMap<>();
  private final Map<String, Long> grants = new ConcurrentHashMap<>();
  private final List<String> wrong = new ArrayList<>();
  private final List<CompletableFuture<LockHandle>> waits = new ArrayList<>();
  private final ExecutorService listeners = Executors.newCachedThreadPool();
  private final CountDownLatch over = new CountDownLatch(1);
  private final ThreadLocal<Long> toldAt = new ThreadLocal<>();

  /** URIs without a prefix. */
  Trial(String holdersReach, String waiterReaches, Duration lease) throws Exception {
    this.lease = lease;
    this.next = LockClient.connect(waiterReaches + prefix, options().observer(grants()).build());
    for (int i = 0; i < CLIENTS; i++) {
      LockClient client = LockClient.connect(holdersReach + prefix, options().build());
      holders.add(client);
      for (int j = 0; j < LOCKS_EACH; j++) {
        String name = "n" + i + "-" + j;
        LockHandle handle = client.lock(name).acquire(Duration.ofSeconds(20));
        held.put(name, handle);
        handle.onLost(
            loss -> {
              notices.put(name, new Notice(toldAt.get(), loss.reason()));
              awaitTheEnd();
            });
        waits.add(next.lock(name).acquireAsync());
      }
      pass(lease.dividedBy(25));
    }
  }

  private LockClientOptions.Builder options() {
    return LockClientOptions.builder()
        .lease(lease)
        .operationTimeout(Duration.ofSeconds(1))
        .closeTimeout(Duration.ofSeconds(2))
        .callbackExecutor(this::tell);
  }

  /** The notice counts from here: how long a machine takes to start twenty threads is not ours. */
  private void tell(Runnable listener) {
    long now = System.nanoTime();
    listeners.execute(
        () -> {
          toldAt.set(now);
          listener.run();
        });
  }

  private void awaitTheEnd() {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private LockObserver grants() {
    return new LockObserver() {
      @Override
      public void granted(String name, long token, Duration waited) {
        long now = System.nanoTime();
        LockHandle former = held.get(name);
        if (former != null && former.isHeld()) {
          synchronized (wrong) {
            wrong.add(name + " was still held when it was granted again");
          }
        }
        grants.putIfAbsent(name, now);
      }
    };
  }

  static void pass(Duration time) {
    long since = System.nanoTime();
    Await.until(
        "time to pass", time.plusSeconds(20), () -> System.nanoTime() - since > time.toNanos());
  }

  /** Nothing was lost, and all is renewed again: the whole lease is ahead of each lock. */
  void allKept(String fault) {
    assertThat(notices).as("losses (%s)", fault).isEmpty();
    held.values().forEach(handle -> assertThat(handle.isHeld()).isTrue());
    Duration fresh = lease.multipliedBy(6).dividedBy(10);
    Await.until(
        "renewals again",
        lease,
        () -> held.values().stream().allMatch(h -> h.remaining().compareTo(fresh) > 0));
    assertThat(grants).isEmpty();
    System.out.printf("[fault] etcd %s: kept all %d locks%n", fault, held.size());
  }

  /** However it went: each grant came after the former holder's notice. */
  void noticeBeforeGrant(String fault) {
    synchronized (wrong) {
      assertThat(wrong).as(fault).isEmpty();
    }
    List<Long> margins = new ArrayList<>();
    grants.forEach(
        (name, at) -> {
          String what = "the notice of %s (%s)".formatted(name, fault);
          Notice notice =
              Await.value(
                  what, Duration.ofSeconds(5), () -> Optional.ofNullable(notices.get(name)));
          margins.add((at - notice.at) / 1_000_000);
        });
    margins.sort(null);
    if (margins.isEmpty()) {
      System.out.printf(
          "[fault] etcd %s: kept %d locks, lost %d%n",
          fault, held.size() - notices.size(), notices.size());
      return;
    }
    System.out.printf(
        "[margin] etcd margins: n=%d min=%d ms median=%d ms max=%d ms (%s; %s)%n",
        margins.size(),
        margins.get(0),
        margins.get(margins.size() / 2),
        margins.get(margins.size() - 1),
        fault,
        reasons());
    assertThat(margins).as(fault).allMatch(margin -> margin > 0);
  }

  private Map<LossReason, Long> reasons() {
    return notices.values().stream()
        .collect(Collectors.groupingBy(Notice::reason, TreeMap::new, Collectors.counting()));
  }

  /** Waits until every lock was granted anew. */
  void awaitGrants(Duration limit) {
    Await.until(
        "grants of all; so far " + grants.size(), limit, () -> grants.size() == held.size());
  }

  int lost() {
    return notices.size();
  }

  @Override
  public void close() throws Exception {
    over.countDown();
    for (CompletableFuture<LockHandle> wait : waits) {
      wait.cancel(true);
      if (wait.isDone() && !wait.isCompletedExceptionally()) {
        wait.get(1, TimeUnit.SECONDS).close();
      }
    }
    holders.forEach(LockClient::close);
    next.close();
    listeners.shutdown();
  }
}
