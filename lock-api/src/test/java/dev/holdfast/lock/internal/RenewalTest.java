package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockObserver;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RenewalTest {

  private static final LockCapabilities STORE = LockCapabilities.of("fake");

  /** S2: one request per period, however many locks. */
  @Test
  void renew_thousandHolds_isOneRequestPerPeriod() {
    World world = World.polled();
    List<Handle> held = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      held.add(world.held("lock-" + i));
    }
    world.advance(World.PERIOD.multipliedBy(10));
    assertThat(world.backend.rounds).hasSize(10).allMatch(round -> round.size() == 1_000);
    assertThat(new HashSet<>(world.backend.rounds.get(9))).hasSize(1_000);
    assertThat(held).allMatch(LockHandle::isHeld);
    assertThat(world.time.scheduled()).isLessThanOrEqualTo(2);
    assertThat(world.backend.violations).isEmpty();
  }

  /** A8: the first renewal comes within a period after the grant, at a random phase. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void renew_firstRound_comesWithinAPeriod(long seed) {
    World world = World.builder(STORE).seed(seed).build();
    Handle held = world.held("a");
    world.advance(World.PERIOD.dividedBy(2).minusNanos(1));
    assertThat(world.backend.rounds).isEmpty();
    world.advance(World.PERIOD.dividedBy(2).plusNanos(1));
    assertThat(world.backend.rounds).hasSize(1);
    assertThat(held.isHeld()).isTrue();
  }

  /** L1: told at D exactly, though the next tick of the timer would come later. */
  @ParameterizedTest
  @ValueSource(
      longs = {1_000, Long.MAX_VALUE - 1_000_000_000L, Long.MAX_VALUE - 14_000_000_000L, -1})
  void expiry_renewalsSilent_isToldExactlyAtTheDeadline(long origin) {
    World world = World.builder(STORE).origin(origin).build();
    world.backend.onRenew = claims -> {};
    Map<String, Long> deadlines = new HashMap<>();
    Map<String, Long> told = new HashMap<>();
    List<Handle> keep = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String name = "lock-" + i;
      Handle held = world.held(name);
      keep.add(held);
      deadlines.put(name, world.time.now() + World.TRUSTED.toNanos());
      held.onLost(loss -> told.put(name, world.time.now()));
      world.advance(Duration.ofMillis(97));
    }
    world.advance(World.LEASE);
    assertThat(told).isEqualTo(deadlines);
    assertThat(world.backend.violations).isEmpty();
    assertThat(keep).noneMatch(LockHandle::isHeld);
  }

  /** L1: no notice waits for what follows another: that starts threads, which takes its time. */
  @Test
  void expiry_ofManyAtOnce_tellsAllBeforeAnythingElse() {
    List<String> order = new ArrayList<>();
    QueuedExecutor workers = new QueuedExecutor();
    World world =
        World.builder(STORE)
            .workers(
                task -> {
                  order.add("worker");
                  workers.execute(task);
                })
            .build();
    world.backend.onRenew = claims -> {};
    List<Handle> keep = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Handle held = world.held("lock-" + i);
      held.onLost(loss -> order.add("told"));
      keep.add(held);
    }
    world.advance(World.TRUSTED.minusNanos(1));
    order.clear();
    world.advance(Duration.ofNanos(1));
    assertThat(order.subList(0, 5)).containsOnly("told");
    assertThat(order.subList(5, order.size())).contains("worker").doesNotContain("told");
    workers.runAll();
    assertThat(world.backend.released).hasSize(5);
    assertThat(keep).noneMatch(LockHandle::isHeld);
  }

  /** L1: also for a late grant that comes in while the timer looks at the others. */
  @Test
  void expiry_grantedWhileTheTimerLooks_isToldExactlyAtTheDeadline() {
    World world = World.polled();
    world.backend.onRenew = claims -> {};
    Duration left = Duration.ofMillis(50);
    List<Long> told = new ArrayList<>();
    List<Handle> late = new ArrayList<>();
    world
        .held("a")
        .onLost(
            loss -> {
              long asOf = world.time.now() - World.TRUSTED.minus(left).toNanos();
              world.backend.onClaim =
                  claim -> CompletableFuture.completedFuture(new Granted(9, World.LEASE, asOf));
              Handle held = world.held("b");
              held.onLost(again -> told.add(world.time.now()));
              late.add(held);
            });
    long granted = world.time.now() + World.TRUSTED.toNanos();
    world.advance(World.TRUSTED.plus(World.PERIOD));
    assertThat(told).containsExactly(granted + left.toNanos());
    assertThat(late).noneMatch(LockHandle::isHeld);
  }

  /** L1: also when grants with little time left come from many threads while the timer runs. */
  @Test
  void expiry_grantedByManyThreads_isToldInTime() throws Exception {
    World world = World.polled();
    world.backend.onRenew = claims -> {};
    long trusted = World.TRUSTED.toNanos();
    world.backend.onClaim =
        claim -> {
          long left = 1_000_000L * (5 + Math.floorMod(claim.name().hashCode(), 50));
          long asOf = world.time.now() - trusted + left;
          return CompletableFuture.completedFuture(new Granted(1, World.LEASE, asOf));
        };
    world.backend.onRelease = claim -> CompletableFuture.completedFuture(ReleaseOutcome.NOT_HELD);
    List<Background<Long>> holders = new ArrayList<>();
    for (int thread = 0; thread < 3; thread++) {
      String name = "lock-" + thread + "-";
      holders.add(Background.start(() -> latestNotice(world, name)));
    }
    while (!holders.stream().allMatch(Background::isDone)) {
      world.advance(Duration.ofMillis(1));
      LockSupport.parkNanos(100_000); // a thread without a core must not miss seconds
    }
    for (Background<Long> holder : holders) {
      // a notice that waits for the next tick is far later
      assertThat(Duration.ofNanos(holder.get())).isLessThan(World.PERIOD.dividedBy(4));
    }
  }

  /** By how much the latest notice came too late, counted from when there was somebody to tell. */
  private static long latestNotice(World world, String name) throws Exception {
    long latest = 0;
    for (int i = 0; i < 300; i++) {
      // not at once if this thread had no core until the grant was out of date (A5)
      LockHandle held = world.lock(name + i).acquireAsync().get(30, TimeUnit.SECONDS);
      CompletableFuture<Long> told = new CompletableFuture<>();
      held.onLost(loss -> told.complete(world.time.now()));
      long left = held.remaining().toNanos();
      long due = world.time.now() + left; // or before that
      latest = Math.max(latest, told.get(30, TimeUnit.SECONDS) - due);
      if (i % 100 == 0) {
        world.backend.forget();
      }
    }
    return latest;
  }

  /** L3: two renewals may fail in a row, in whatever way. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void renew_twoInARowFail_keepsTheLock(int way) {
    World world = World.polled();
    List<LockLoss> losses = new ArrayList<>();
    Handle held = world.held("a");
    held.onLost(losses::add);
    AtomicInteger round = new AtomicInteger();
    world.backend.onRenew =
        claims -> {
          if (round.getAndIncrement() % 3 == 2) {
            world.backend.confirm(claims);
          } else if (way == 0) {
            throw BackendFailure.transientFailure("away", null);
          } else if (way == 1) {
            throw new OnPurpose("thrown by a driver");
          }
        };
    world.advance(World.LEASE.multipliedBy(20));
    assertThat(held.isHeld()).isTrue();
    assertThat(losses).isEmpty();
  }

  /** A9: an attempt that is stuck does not keep the next from being sent. */
  @Test
  void renew_attemptIsStuck_theNextIsSent() {
    QueuedExecutor workers = new QueuedExecutor();
    World world = World.builder(STORE).workers(workers).build();
    Handle held = world.held("a");
    world.advance(World.PERIOD.multipliedBy(3));
    assertThat(workers.size()).as("the less is left, the oftener").isBetween(3, 4);
    int sent = workers.size();
    workers.runAll();
    assertThat(world.backend.rounds).hasSize(sent);
    assertThat(held.remaining()).isEqualTo(World.TRUSTED);
  }

  /** S2: a lock whose renewal is not answered endangers no other. */
  @Test
  void renew_oneIsNotAnswered_onlyThatOneIsLost() {
    World world = World.polled();
    List<LockLoss> losses = new ArrayList<>();
    List<Handle> held = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Handle handle = world.held("lock-" + i);
      handle.onLost(losses::add);
      held.add(handle);
    }
    Claim stuck = world.claimOf(held.get(17));
    world.backend.onRenew =
        claims -> world.backend.confirm(claims.stream().filter(c -> c != stuck).toList());
    world.advance(World.LEASE.multipliedBy(5));
    assertThat(losses).extracting(LockLoss::lockName).containsExactly("lock-17");
  }

  /** H-06: nothing is renewed after its end, and a client that holds nothing runs no timer. */
  @Test
  void renew_afterTheEnd_stops() {
    World world = World.polled();
    Handle released = world.held("a");
    Handle revoked = world.held("b");
    Handle expired = world.held("c");
    world.advance(World.PERIOD);
    assertThat(released.release()).isEqualTo(ReleaseResult.RELEASED);
    world.engine.gone(world.claimOf(revoked), LossReason.REVOKED);
    world.backend.onRenew = claims -> {};
    world.advance(World.LEASE);
    assertThat(expired.isHeld()).isFalse();
    int rounds = world.backend.rounds.size();
    world.advance(World.LEASE.multipliedBy(10));
    assertThat(world.backend.rounds).hasSize(rounds);
    assertThat(world.time.scheduled()).isZero();
    assertThat(world.engine.renewals.holds()).isEmpty();
  }

  /** H-06: acquired and released in a loop, with a renewal tick in between now and then. */
  @Test
  void renew_acquireAndReleaseInALoop_leavesOneTimer() {
    World world = World.polled();
    for (int i = 0; i < 2_000; i++) {
      assertThat(world.held("a").release()).isEqualTo(ReleaseResult.RELEASED);
      world.advance(Duration.ofMillis(7));
      assertThat(world.time.scheduled()).isLessThanOrEqualTo(2);
    }
    assertThat(world.backend.rounds).isEmpty();
  }

  /** H-08: fifty of five hundred are deleted while others are released: just those are lost. */
  @Test
  void renew_someAreGone_justThoseAreLost() {
    World world = World.polled();
    List<LockLoss> losses = new ArrayList<>();
    List<Handle> held = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      Handle handle = world.held("lock-" + i);
      handle.onLost(losses::add);
      held.add(handle);
    }
    for (int i = 0; i < 500; i += 10) {
      world.store.delete("lock-" + i);
    }
    Consumer<java.util.Collection<? extends Claim>> confirm = world.backend.onRenew;
    world.backend.onRenew =
        claims -> {
          assertThat(held.get(1).release()).isEqualTo(ReleaseResult.RELEASED);
          confirm.accept(claims);
        };
    world.advance(World.LEASE.multipliedBy(3));
    assertThat(losses).hasSize(50).allMatch(loss -> loss.reason() == LossReason.REVOKED);
    assertThat(held.stream().filter(LockHandle::isHeld)).hasSize(449);
  }

  /** S2: grants of many lengths are still renewed together. */
  @Test
  void renew_grantsOfManyLengths_shareAFewRequests() {
    World world = World.polled();
    AtomicInteger number = new AtomicInteger();
    world.backend.onClaim =
        claim ->
            CompletableFuture.completedFuture(
                new Granted(
                    1,
                    Duration.ofMillis(4_000 + 11L * number.getAndIncrement()),
                    world.time.now()));
    List<Handle> held = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      held.add(world.held("lock-" + i));
    }
    world.backend.onRenew =
        claims ->
            claims.forEach(c -> world.engine.renewed(c, Duration.ofSeconds(15), world.time.now()));
    world.advance(World.PERIOD.multipliedBy(4));
    assertThat(held).allMatch(LockHandle::isHeld);
    assertThat(world.backend.rounds.size()).isLessThan(7);
  }

  /** A8: a grant that is shorter than asked for is renewed in time. */
  @Test
  void renew_shortGrant_survivesTwoFailures() {
    World world = World.polled();
    world.backend.onClaim =
        claim ->
            CompletableFuture.completedFuture(
                new Granted(1, Duration.ofSeconds(5), world.time.now()));
    AtomicInteger round = new AtomicInteger();
    world.backend.onRenew =
        claims -> {
          if (round.getAndIncrement() % 3 == 2) {
            claims.forEach(c -> world.engine.renewed(c, Duration.ofSeconds(5), world.time.now()));
          }
        };
    Handle held = world.held("a");
    world.advance(Duration.ofMinutes(5));
    assertThat(held.isHeld()).isTrue();
  }

  /**
   * A8: two rounds may fail also right after a grant of which little is left when it comes, as one
   * under an old keep-alive, or one that was pushed; at any phase of the rounds for others.
   */
  @ParameterizedTest
  @ValueSource(ints = {5, 25, 30, 50, 75, 99})
  void renew_grantThatIsOldAlready_survivesTwoFailures(int percent) {
    for (int phase = 0; phase < 20; phase++) {
      World world = World.builder(STORE).seed(phase).build();
      Handle other = world.held("other");
      world.advance(World.PERIOD.multipliedBy(40 + phase).dividedBy(20));
      long left = World.TRUSTED.toNanos() * percent / 100;
      long asOf = world.time.now() - World.TRUSTED.toNanos() + left;
      world.backend.onClaim =
          claim -> CompletableFuture.completedFuture(new Granted(9, World.LEASE, asOf));
      AtomicInteger round = new AtomicInteger();
      world.backend.onRenew =
          claims -> {
            if (round.getAndIncrement() % 3 == 2) {
              claims.forEach(c -> world.engine.renewed(c, World.LEASE, world.time.now()));
            }
          };
      Handle held = world.held("old");
      assertThat(held.remaining().toNanos()).isEqualTo(left);
      world.advance(World.LEASE.multipliedBy(3));
      assertThat(held.isHeld()).as("phase " + phase).isTrue();
      assertThat(other.isHeld()).as("phase " + phase).isTrue();
    }
  }

  /** A8: where the store always grants less than the lease, from the least lease on. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 10})
  void renew_storeThatGrantsLess_survivesTwoFailures_withoutHaste(long seconds) {
    Duration lease = Duration.ofSeconds(seconds);
    Duration margin = Duration.ofMillis(Math.max(200, lease.toMillis() / 10));
    World world = World.builder(STORE).options(options -> options.lease(lease)).build();
    Duration granted = lease.multipliedBy(5).dividedBy(12);
    world.backend.onClaim =
        claim -> CompletableFuture.completedFuture(new Granted(1, granted, world.time.now()));
    AtomicInteger round = new AtomicInteger();
    Consumer<java.util.Collection<? extends Claim>> confirm =
        claims -> claims.forEach(c -> world.engine.renewed(c, granted, world.time.now()));
    world.backend.onRenew =
        claims -> {
          if (round.getAndIncrement() % 3 == 2) {
            confirm.accept(claims);
          }
        };
    Handle held = world.held("a");
    world.advance(lease.multipliedBy(20));
    assertThat(held.isHeld()).isTrue();
    world.backend.onRenew = confirm;
    world.advance(lease);
    world.backend.rounds.clear();
    world.advance(granted.minus(margin).multipliedBy(10));
    assertThat(world.backend.rounds.size()).as("four rounds per trust").isBetween(39, 41);
  }

  /** A claim that is added twice, by two answers at once, is in one list once. */
  @Test
  void add_claimThatIsInAGroup_movesIt() {
    World world = World.polled();
    Handle held = world.held("a");
    EngineClaim claim = held.hold.claim;
    RenewalGroup first = (RenewalGroup) Peek.groups(world.engine).values().iterator().next();
    assertThat(first.add(claim, world.time.now(), Acquisition.NEVER)).isFalse();
    world.engine.renewals.addWaiting(claim, 1_000_000_000L);
    assertThat(first.members()).containsExactly(claim);
    world.engine.renewals.add(claim, 1_000_000_000L, world.time.now());
    assertThat(first.members()).isEmpty();
    assertThat(claim.bag.elements()).hasSize(1).first().isSameAs(claim);
  }

  /** A claim may be moved and removed by several threads at once; the lists stay whole. */
  @Test
  void add_manyThreadsAtOnce_keepsTheListsWhole() throws Exception {
    World world = World.polled();
    List<EngineClaim> claims = new ArrayList<>();
    List<Handle> keep = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Handle handle = world.held("lock-" + i);
      keep.add(handle);
      claims.add(handle.hold.claim);
    }
    List<Background<Void>> movers = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      long period = 1_000_000_000L * (1 + thread % 2);
      movers.add(
          Background.start(
              () -> {
                for (int i = 0; i < 20_000; i++) {
                  EngineClaim claim = claims.get(i % claims.size());
                  world.engine.renewals.add(claim, period, world.time.now());
                  if (i % 7 == 0) {
                    world.engine.renewals.remove(claim);
                  }
                }
                return null;
              }));
    }
    for (Background<Void> mover : movers) {
      assertThat(mover.get()).isNull();
    }
    for (EngineClaim claim : claims) {
      world.engine.renewals.add(claim, 3_000_000_000L, world.time.now());
    }
    assertThat(world.engine.renewals.holds()).hasSize(20).doesNotHaveDuplicates();
    assertThat(keep).hasSize(20);
  }

  /** A9: whatever an observer, a listener or an executor throws, the timer goes on. */
  @Test
  void expiry_everythingThrows_theOthersAreTold() {
    LockObserver rude =
        new LockObserver() {
          @Override
          public void lost(LockLoss loss) {
            throw new OnPurpose("thrown by an observer");
          }
        };
    AtomicInteger refused = new AtomicInteger();
    List<Executor> inline = new ArrayList<>();
    Executor exhausted =
        task -> {
          if (refused.getAndIncrement() % 2 == 0) {
            throw new OnPurpose("unable to create native thread");
          }
          inline.get(0).execute(task);
        };
    World.Builder builder = World.builder(STORE).options(options -> options.observer(rude));
    World world = builder.callbacks(exhausted).build();
    inline.add(world.time.inline());
    List<LockLoss> losses = new ArrayList<>();
    List<Handle> held = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Handle handle = world.held("lock-" + i);
      handle.onLost(losses::add);
      held.add(handle);
    }
    world.backend.onRenew = claims -> {};
    world.advance(World.LEASE.multipliedBy(2));
    assertThat(losses).hasSize(10);
    assertThat(held).noneMatch(LockHandle::isHeld);
    assertThat(world.store.contents()).isEmpty();
  }

  /** A9: workers that cannot be had for a while are asked again. */
  @Test
  void renew_workersRefuse_theNextRoundFollows() {
    AtomicInteger calls = new AtomicInteger();
    List<Executor> inline = new ArrayList<>();
    Executor exhausted =
        task -> {
          if (calls.getAndIncrement() % 3 != 2) {
            throw new OnPurpose("unable to create native thread");
          }
          inline.get(0).execute(task);
        };
    World world = World.builder(STORE).workers(exhausted).build();
    inline.add(world.time.inline());
    Handle held = world.held("a");
    world.advance(World.LEASE.multipliedBy(10));
    assertThat(held.isHeld()).isTrue();
    assertThat(world.backend.violations).isEmpty();
  }

  /**
   * S3: what follows thousands of losses at once needs a few threads, and the notices none of them.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void expiry_thousandsAtOnce_needsAFewWorkers(boolean blocking) {
    QueuedExecutor workers = new QueuedExecutor();
    World world = World.builder(blocking ? STORE.withBlocking() : STORE).workers(workers).build();
    List<LockLoss> losses = new ArrayList<>();
    List<CompletableFuture<LockHandle>> futures = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      futures.add(world.lock("lock-" + i).acquireAsync());
    }
    workers.runAll();
    futures.forEach(future -> World.now(future).onLost(losses::add));
    world.backend.onRenew = claims -> {};
    world.time.pause(World.TRUSTED);
    world.advance(Duration.ZERO);
    assertThat(losses).hasSize(2_000);
    assertThat(workers.size()).isLessThan(6);
    while (workers.runOne()) {
      assertThat(workers.size()).isLessThan(40);
    }
    assertThat(world.backend.released).hasSize(2_000);
    assertThat(world.store.contents()).isEmpty();
  }

  /** W1: a place in the store's queue is kept alive as long as it is waited in. */
  @Test
  void renew_queueAtTheStore_keepsThePlacesOfWaiters() {
    World world = World.queued();
    world.store.occupy("a");
    CompletableFuture<LockHandle> waiting = world.lock("a").acquireAsync();
    world.advance(World.PERIOD.multipliedBy(3));
    assertThat(world.backend.rounds).hasSize(3).allMatch(round -> round.size() == 1);
    assertThat(waiting.cancel(false)).isTrue();
    world.advance(World.PERIOD.multipliedBy(3));
    assertThat(world.backend.rounds).hasSize(3);
    assertThat(world.time.scheduled()).isZero();
  }

  /** L3: what was waited for and is granted is renewed on, without a gap. */
  @Test
  void renew_waiterIsGranted_isRenewedAsAHold() {
    World world = World.queued();
    World other = World.builder(STORE.withQueue()).beside(world).build();
    Handle first = other.held("a");
    CompletableFuture<LockHandle> waiting = world.lock("a").acquireAsync();
    world.advance(World.PERIOD.multipliedBy(2));
    assertThat(first.release()).isEqualTo(ReleaseResult.RELEASED);
    Handle second = World.now(waiting);
    world.advance(World.LEASE.multipliedBy(3));
    assertThat(second.isHeld()).isTrue();
    assertThat(second.release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(world.store.contents()).isEmpty();
  }
}
