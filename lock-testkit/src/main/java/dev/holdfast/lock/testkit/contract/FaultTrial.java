package dev.holdfast.lock.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockObserver;
import dev.holdfast.lock.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Twenty locks in the hands of five clients, which reach the store by a way that something happens
 * to, and one client that waits for all of them and comes directly. The clients renew out of step
 * with each other, and the fault comes at a random phase of the renewal period.
 */
final class FaultTrial implements AutoCloseable {

  static final int CLIENTS = 5;
  static final int LOCKS_EACH = 4;

  private static final AtomicLong NUMBERS = new AtomicLong(System.nanoTime() % 1_000_000_000);

  private final String fault;
  private final ServerControl control;
  private final FaultContract contract;
  private final Duration lease;
  private final FaultPath path;
  private final Optional<FaultPath> waitersPath;
  private final String prefix = "fault-" + NUMBERS.incrementAndGet() + "-";
  private final LockClient waiter;
  private final List<LockClient> holders = new ArrayList<>();
  private final Map<String, LockHandle> held = new ConcurrentHashMap<>();
  private final Map<String, Loss> losses = new ConcurrentHashMap<>();
  private final Map<String, Long> grants = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<LockHandle>> waits = new ConcurrentHashMap<>();
  private final Map<String, Loss> nextLosses = new ConcurrentHashMap<>();
  private final List<String> wrong = new CopyOnWriteArrayList<>();

  private FaultTrial(String fault, FaultContract contract, Duration lease, boolean moves) {
    this.fault = fault;
    this.contract = contract;
    this.control = contract.control();
    this.lease = lease;
    this.path = control.path();
    this.waitersPath = moves ? Optional.of(control.path()) : Optional.empty();
    LockClientOptions.Builder options = options("waiter").observer(new Grants());
    this.waiter =
        waitersPath
            .map(own -> own.connect(options.build()))
            .orElseGet(() -> control.connectWaiter(options.build()));
    for (int i = 0; i < CLIENTS; i++) {
      holders.add(path.connect(options("holder-" + i).build()));
    }
  }

  /** Clients are there, and no lock is held yet. */
  static FaultTrial open(String fault, FaultContract contract, int leases) throws Exception {
    Duration lease = contract.control().lease().multipliedBy(leases);
    return opened(new FaultTrial(fault, contract, lease, false));
  }

  private static FaultTrial opened(FaultTrial trial) throws Exception {
    try {
      trial.warmUp();
      return trial;
    } catch (Throwable e) {
      trial.close();
      throw e;
    }
  }

  /** All locks are held and awaited. */
  static FaultTrial held(String fault, FaultContract contract) throws Exception {
    return held(fault, contract, contract.control().lease(), false);
  }

  /**
   * The same for what must cost nothing: with a lease that leaves more time for a reconnect, which
   * takes its time on a machine under load.
   */
  static FaultTrial toKeep(String fault, FaultContract contract) throws Exception {
    return held(fault, contract, contract.control().lease().multipliedBy(2), false);
  }

  /** The same with another lease, and with waiters that follow when the store moves elsewhere. */
  static FaultTrial held(String fault, FaultContract contract, Duration lease, boolean moves)
      throws Exception {
    FaultTrial trial = opened(new FaultTrial(fault, contract, lease, moves));
    try {
      trial.acquireAll();
      trial.awaitAll();
      trial.passARandomPhase();
      return trial;
    } catch (Throwable e) {
      trial.close();
      throw e;
    }
  }

  private LockClientOptions.Builder options(String description) {
    return FaultContract.options(lease).description(description);
  }

  /** What a first use loads and connects is not what a trial measures. */
  private void warmUp() throws Exception {
    List<LockClient> all = new ArrayList<>(holders);
    all.add(waiter);
    for (int i = 0; i < all.size(); i++) {
      all.get(i).lock(prefix + "warm-" + i).acquire(FaultContract.LONG).close();
    }
  }

  private void acquireAll() throws Exception {
    for (int i = 0; i < CLIENTS; i++) {
      List<CompletableFuture<LockHandle>> acquired = acquire(holders.get(i), i);
      for (CompletableFuture<LockHandle> each : acquired) {
        hold(each.get(FaultContract.LONG.toMillis(), TimeUnit.MILLISECONDS));
      }
      ContractTest.pass(period().dividedBy(CLIENTS));
    }
  }

  private List<CompletableFuture<LockHandle>> acquire(LockClient client, int number) {
    List<CompletableFuture<LockHandle>> acquired = new ArrayList<>();
    for (int j = 0; j < LOCKS_EACH; j++) {
      acquired.add(client.lock(prefix + number + "-" + j).acquireAsync());
    }
    return acquired;
  }

  private void hold(LockHandle handle) {
    losses.put(handle.lockName(), Loss.of(handle));
    held.put(handle.lockName(), handle);
  }

  private void awaitAll() {
    for (String name : held.keySet()) {
      CompletableFuture<LockHandle> wait = waiter.lock(name).acquireAsync();
      var unused = wait.thenAccept(handle -> nextLosses.put(name, Loss.of(handle)));
      waits.put(name, wait);
    }
  }

  /** Every holder asks for its locks while {@code path} loses the answers; then nothing is lost. */
  void acquireWithLostAnswers() throws Exception {
    path.loseReplies();
    List<CompletableFuture<LockHandle>> acquired = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      acquired.addAll(acquire(holders.get(i), i));
      ContractTest.pass(period().dividedBy(CLIENTS));
    }
    passARandomPhase();
    assertThat(acquired).as("X3: grants without an answer (%s)", fault).noneMatch(f -> f.isDone());
    path.heal();
    for (CompletableFuture<LockHandle> each : acquired) {
      hold(each.get(FaultContract.LONG.toMillis(), TimeUnit.MILLISECONDS));
    }
    awaitAll();
    // Less than the time to a first renewal: some of the grants must not have been renewed yet.
    ContractTest.pass(randomBelow(period().dividedBy(2)));
  }

  /**
   * Everybody asks for locks while {@code path} loses the answers, and gives up; then nothing is
   * lost. Whoever comes next need not wait for leases to end.
   */
  void acquireInVain() {
    path.loseReplies();
    List<CompletableFuture<LockHandle>> acquired = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      acquired.addAll(acquire(holders.get(i), i));
    }
    passARandomPhase();
    acquired.forEach(each -> each.cancel(true));
    path.heal();
    long healed = System.nanoTime();
    List<CompletableFuture<LockHandle>> next = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      next.addAll(acquire(waiter, i));
    }
    String what = "W1: grants of what others have given up (%s)".formatted(fault);
    Await.until(what, lease, () -> next.stream().allMatch(CompletableFuture::isDone));
    Duration after = ContractTest.since(healed);
    assertThat(after).as(what).isLessThan(lease.dividedBy(2));
    contract.report(
        "fault",
        "%s: all %d locks were free %d ms after it"
            .formatted(fault, next.size(), after.toMillis()));
    next.forEach(each -> each.join().close());
  }

  /** Every holder releases while {@code path} loses the answers; the next ones are granted. */
  void releaseWithLostAnswers() {
    assertThat(lost()).as("L3: false alarms, before anything was done (%s)", fault).isEmpty();
    path.loseReplies();
    Map<String, Long> released = new ConcurrentHashMap<>();
    held.forEach(
        (name, handle) -> {
          released.put(name, System.nanoTime());
          var unused = handle.releaseAsync();
        });
    awaitGrantsOr(path::heal);
    report(margins(name -> released.getOrDefault(name, Long.MAX_VALUE)));
    path.heal();
    assertThat(losses.values())
        .as("L2: notices of locks that were released (%s)", fault)
        .allMatch(loss -> loss.notices().isEmpty());
    grantsLast();
  }

  FaultPath path() {
    return path;
  }

  Duration lease() {
    return lease;
  }

  /** Both ways lead to the store's new place. */
  void redirect() {
    path.redirect(control);
    waitersPath.ifPresent(own -> own.redirect(control));
  }

  /** The renewal period of these clients. */
  Duration period() {
    return trust().minus(FaultContract.margin(lease)).dividedBy(4);
  }

  /** A time without the store that must cost nothing, a reconnect included. */
  Duration moment() {
    return trust().minus(FaultContract.margin(lease)).minus(control.reconnect()).dividedBy(4);
  }

  /** The time between two broken connections. */
  Duration betweenResets() {
    Duration half = period().dividedBy(2);
    return half.compareTo(control.reconnect()) > 0 ? half : control.reconnect();
  }

  /** How long an answer is trusted for. */
  Duration trust() {
    return Duration.ofNanos(
        (long) (1.0 * lease.toNanos() / control.lease().toNanos() * control.trust().toNanos()));
  }

  void passARandomPhase() {
    ContractTest.pass(period().plus(randomBelow(period())));
  }

  private static Duration randomBelow(Duration limit) {
    return Duration.ofNanos(ThreadLocalRandom.current().nextLong(limit.toNanos()));
  }

  /** L3: nobody was told of a loss, nobody else was granted anything, and all is renewed again. */
  void allKept() {
    Duration fresh = trust().minus(FaultContract.margin(lease)).minus(period().dividedBy(2));
    for (LockHandle handle : held.values()) {
      Await.until(
          "L3: a renewal of '%s' after the fault (%s)".formatted(handle.lockName(), fault),
          lease.plusSeconds(5),
          () -> !handle.isHeld() || handle.remaining().compareTo(fresh) > 0);
    }
    assertThat(lost()).as("L3: false alarms (%s)", fault).isEmpty();
    assertThat(wrong).as("violations (%s)", fault).isEmpty();
    assertThat(grants).as("X1: grants of locks that are held (%s)", fault).isEmpty();
    contract.report("fault", "%s: kept all %d locks".formatted(fault, held.size()));
  }

  private List<String> lost() {
    return losses.entrySet().stream()
        .filter(loss -> !loss.getValue().notices().isEmpty())
        .map(loss -> loss.getKey() + " " + loss.getValue().notices())
        .toList();
  }

  /** L1: every holder is told, by its own clock, whatever the store does meanwhile. */
  void awaitLosses() {
    Duration limit = lease.plusSeconds(5);
    losses.forEach((name, loss) -> loss.await(limit));
  }

  /**
   * L1: every holder has been told before the next one was granted its lock. Where the fault itself
   * keeps the store from granting, it ends two leases after the losses.
   */
  void lossThenGrants() {
    awaitLosses();
    awaitGrantsOr(path::heal);
    report(marginsOfLosses());
  }

  /** The same if the store grants only when {@code end} has been done. */
  void lossThen(Runnable end) {
    awaitLosses();
    end.run();
    awaitGrants(lease.multipliedBy(3).plus(FaultContract.LONG));
    report(marginsOfLosses());
  }

  /**
   * Whether all is renewed again. Not, if the store was away for longer than the locks could wait:
   * how long a server takes to come back is not for a lock to promise. A lock that is lost counts
   * from that instant, though its listener may be told a moment later.
   */
  boolean awaitRenewals() {
    Duration half = trust().minus(FaultContract.margin(lease)).dividedBy(2);
    Await.until(
        "renewals of all, or losses (%s)".formatted(fault),
        lease.plusSeconds(5),
        () ->
            held.values().stream()
                .allMatch(handle -> !handle.isHeld() || handle.remaining().compareTo(half) > 0));
    return held.values().stream().allMatch(LockHandle::isHeld) && lost().isEmpty();
  }

  private void awaitGrantsOr(Runnable end) {
    long start = System.nanoTime();
    Await.until(
        "time to pass, or all grants",
        lease.multipliedBy(4),
        () ->
            grants.size() == held.size()
                || ContractTest.since(start).compareTo(lease.multipliedBy(2)) > 0);
    if (grants.size() < held.size()) {
      end.run();
    }
    awaitGrants(lease.multipliedBy(3).plus(FaultContract.LONG));
  }

  private void awaitGrants(Duration limit) {
    for (String name : held.keySet()) {
      Await.until(
          "E2: a grant of '%s' after the fault (%s)".formatted(name, fault),
          limit,
          () -> grants.containsKey(name));
    }
  }

  /** R1: what arrives late from the former holders takes nothing from those who have the locks. */
  void grantsLast() {
    for (Map.Entry<String, CompletableFuture<LockHandle>> wait : waits.entrySet()) {
      LockHandle handle = wait.getValue().join();
      String name = wait.getKey();
      assertThat(handle.isHeld())
          .as(() -> "R1: %s is still held (%s)%s".formatted(name, fault, nextLoss(name)))
          .isTrue();
    }
    ContractTest.pass(lease);
    waits.forEach(
        (name, wait) ->
            assertThat(wait.join().isHeld())
                .as(
                    () ->
                        "R1: %s is still held a lease later (%s)%s"
                            .formatted(name, fault, nextLoss(name)))
                .isTrue());
  }

  /** Why the next one lost its lock, and how long after its grant. */
  private String nextLoss(String name) {
    Loss loss = nextLosses.get(name);
    Long granted = grants.get(name);
    if (loss == null || granted == null) {
      return "";
    }
    return loss.notices().stream()
        .map(
            notice ->
                "; told %s %d ms after its grant"
                    .formatted(notice.loss().reason(), (notice.at() - granted) / 1_000_000))
        .collect(Collectors.joining());
  }

  /**
   * F1 and the like, where the holder could not be told first: the tokens, and the notices. A
   * holder whose renewal came before anybody else asked has kept its lock.
   */
  Duration latestNotice() {
    ContractTest.pass(period().multipliedBy(2));
    Duration limit = lease.multipliedBy(3).plus(FaultContract.LONG);
    held.forEach(
        (name, handle) ->
            Await.until(
                "E2: a grant of '%s' after the fault, or a renewal (%s)".formatted(name, fault),
                limit,
                () -> grants.containsKey(name) || handle.isHeld()));
    return marginsOfLosses().stream().min(Duration::compareTo).orElse(Duration.ZERO).negated();
  }

  /** All locks go from hand to hand, without a loss. */
  void releaseAll() {
    held.values().forEach(LockHandle::close);
    awaitGrants(FaultContract.LONG);
    assertThat(wrong).as("violations (%s)", fault).isEmpty();
  }

  List<String> violations() {
    return wrong;
  }

  private List<Duration> marginsOfLosses() {
    return margins(name -> Objects.requireNonNull(losses.get(name)).await(lease).at());
  }

  private interface LostAt {
    long of(String name);
  }

  private List<Duration> margins(LostAt lostAt) {
    List<Duration> margins = new ArrayList<>();
    grants.forEach((name, at) -> margins.add(Duration.ofNanos(at - lostAt.of(name))));
    margins.sort(null);
    return margins;
  }

  private void report(List<Duration> margins) {
    assertThat(margins).as("margins (%s)", fault).hasSize(CLIENTS * LOCKS_EACH);
    contract.report("margin", Histogram.of(margins, fault));
    assertThat(wrong).as("violations (%s)", fault).isEmpty();
    assertThat(margins.get(0)).as("L1: the smallest margin (%s)", fault).isPositive();
  }

  /** Sees a grant as early as anybody outside of the engine can. */
  private final class Grants implements LockObserver {

    @Override
    public void granted(String name, long token, Duration waited) {
      long now = System.nanoTime();
      LockHandle former = held.get(name);
      if (former == null) {
        return;
      }
      if (former.isHeld()) {
        wrong.add("X1: '" + name + "' was granted while its former holder said isHeld()");
      }
      if (token <= former.fencingToken()) {
        wrong.add(
            "F1: '%s' was granted with token %d after %d"
                .formatted(name, token, former.fencingToken()));
      }
      grants.putIfAbsent(name, now);
    }
  }

  @Override
  public void close() {
    path.heal();
    waitersPath.ifPresent(FaultPath::heal);
    for (CompletableFuture<LockHandle> wait : waits.values()) {
      wait.cancel(true);
      if (wait.isDone() && !wait.isCompletedExceptionally()) {
        wait.join().close();
      }
    }
    holders.stream().parallel().forEach(LockClient::close);
    waiter.close();
    path.close();
    waitersPath.ifPresent(FaultPath::close);
  }
}
