package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.lock.LatchOptions;
import dev.holdfast.lock.LeaderLatch;
import dev.holdfast.lock.LeaderListener;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockObserver;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.ClaimOutcome.Refused;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatchTest {

  private static final LockCapabilities STORE = LockCapabilities.of("fake");

  private final List<String> events = new CopyOnWriteArrayList<>();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "latch-test");
            thread.setDaemon(true);
            return thread;
          });
  private World world = World.polled();

  @AfterEach
  void end() {
    threads.shutdownNow();
    assertThat(world.backend.violations).isEmpty();
  }

  private final class Recorder implements LeaderListener {

    private final String name;
    private final LeaderLatch latch;

    Recorder(String name, LeaderLatch latch) {
      this.name = name;
      this.latch = latch;
    }

    @Override
    public void elected(LockHandle leadership) {
      assertThat(latch.hasLeadership()).isEqualTo(leadership.isHeld());
      events.add(name + "elected");
    }

    @Override
    public void deposed(LockLoss loss) {
      assertThat(latch.hasLeadership()).isFalse();
      assertThat(latch.leadership()).isEmpty();
      events.add(name + "deposed " + loss.reason());
    }
  }

  private LeaderLatch latch(World of, String name) {
    LeaderLatch latch = of.client.leaderLatch("leader");
    latch.addListener(new Recorder(name, latch));
    return latch;
  }

  private LeaderLatch latch() {
    return latch(world, "");
  }

  private World threaded() {
    world = World.builder(STORE).callbacks(threads).build();
    return world;
  }

  /** E1: elected once the lock is held. */
  @Test
  void start_free_leads() throws Exception {
    LeaderLatch latch = latch();
    assertThat(latch.hasLeadership()).isFalse();
    latch.start();
    latch.start();
    assertThat(latch.hasLeadership()).isTrue();
    assertThat(latch.leadership()).isPresent();
    assertThat(latch.await().fencingToken()).isEqualTo(1);
    assertThat(latch.await(Duration.ZERO)).isPresent();
    assertThat(events).containsExactly("elected");
    latch.close();
    assertThat(events).containsExactly("elected", "deposed STEPPED_DOWN");
    assertThat(world.store.contents()).isEmpty();
    assertThatIllegalStateException().isThrownBy(latch::start);
    assertThatIllegalStateException().isThrownBy(latch::await);
    latch.close();
  }

  /** H-34, E2: after every loss it stands again, by itself, each time. */
  @Test
  void loss_twentyTimes_leadsAgainEachTime() {
    LeaderLatch latch = latch();
    latch.start();
    for (int i = 0; i < 20; i++) {
      Handle leadership = (Handle) latch.leadership().orElseThrow();
      if (i % 2 == 0) {
        world.store.delete("leader");
        world.engine.gone(world.claimOf(leadership), LossReason.SESSION_LOST);
      } else {
        world.backend.goAway();
        world.advance(World.LEASE.multipliedBy(2));
        assertThat(latch.hasLeadership()).isFalse();
        world.backend.comeBack();
        world.advance(Duration.ofSeconds(5));
      }
      assertThat(latch.hasLeadership()).isTrue();
    }
    latch.close();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      expected.add("elected");
      expected.add(i % 2 == 0 ? "deposed SESSION_LOST" : "deposed EXPIRED");
    }
    expected.add("elected");
    expected.add("deposed STEPPED_DOWN");
    assertThat(events).isEqualTo(expected);
    assertThat(world.store.contents()).isEmpty();
  }

  /** E2: what looks permanent may heal as well: a right, a table, a switch. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void failure_ofWhateverKind_standsAgainUntilItWorks(int kind) {
    world.backend.onClaim =
        claim ->
            switch (kind) {
              case 0 -> CompletableFuture.completedFuture(new Refused("switched off"));
              case 1 -> CompletableFuture.failedFuture(BackendFailure.permanent("no", null));
              case 2 -> throw new OnPurpose("thrown by a driver");
              default -> FakeBackend.away();
            };
    LeaderLatch latch = latch();
    latch.start();
    world.advance(Duration.ofMinutes(1));
    assertThat(world.backend.claimed).hasSizeBetween(50, 150);
    world.backend.comeBack();
    world.advance(Duration.ofSeconds(1));
    assertThat(latch.hasLeadership()).isTrue();
    latch.close();
  }

  /** H-33: first the flag, then the listeners, then the store. */
  @Test
  void stepDown_order_isFlagThenListenersThenStore() {
    LeaderLatch latch = world.client.leaderLatch("leader");
    latch.addListener(
        new LeaderListener() {
          @Override
          public void elected(LockHandle leadership) {
            events.add("elected");
          }

          @Override
          public void deposed(LockLoss loss) {
            assertThat(latch.hasLeadership()).isFalse();
            assertThat(world.store.contents()).hasSize(1);
            events.add("deposed " + loss.reason());
          }
        });
    latch.start();
    world.backend.onRelease =
        claim -> {
          events.add("store");
          return world.backend.answerRelease(claim);
        };
    latch.stepDown();
    assertThat(events).containsExactly("elected", "deposed STEPPED_DOWN", "store");
    world.advance(Duration.ofSeconds(1));
    assertThat(latch.hasLeadership()).isTrue();
    latch.close();
  }

  /** A step down lets another participant lead, though the store keeps no order. */
  @Test
  void stepDown_withAnotherParticipant_thatOneLeads() {
    World other = World.builder(STORE).beside(world).seed(7).build();
    LeaderLatch first = latch(world, "1 ");
    LeaderLatch second = latch(other, "2 ");
    first.start();
    second.start();
    world.advance(Duration.ofSeconds(30));
    assertThat(first.hasLeadership()).isTrue();
    first.stepDown();
    world.advance(Duration.ofSeconds(1));
    assertThat(second.hasLeadership()).isTrue();
    assertThat(first.hasLeadership()).isFalse();
    second.close();
    world.advance(Duration.ofSeconds(1));
    assertThat(first.hasLeadership()).isTrue();
    first.close();
    assertThat(events)
        .containsExactly(
            "1 elected",
            "1 deposed STEPPED_DOWN",
            "2 elected",
            "2 deposed STEPPED_DOWN",
            "1 elected",
            "1 deposed STEPPED_DOWN");
  }

  /** While deposed is running the lock is kept, and renewed; at the limit it is given up. */
  @Test
  void stepDown_deposedTakesTooLong_releasesAfterTheLimit() throws Exception {
    World slow = threaded();
    CountDownLatch goOn = new CountDownLatch(1);
    LeaderLatch latch =
        slow.client.leaderLatch(
            "leader", LatchOptions.defaults().withStepDownTimeout(Duration.ofSeconds(30)));
    latch.addListener(
        new LeaderListener() {
          @Override
          public void elected(LockHandle leadership) {}

          @Override
          public void deposed(LockLoss loss) {
            events.add("deposed");
            try {
              goOn.await();
            } catch (InterruptedException e) {
              events.add("interrupted");
            }
          }
        });
    latch.start();
    Await.until("it leads", latch::hasLeadership);
    var stepping =
        Background.start(
            () -> {
              latch.stepDown();
              return null;
            });
    Await.until("deposed", () -> events.contains("deposed"));
    Await.parked(stepping.thread);
    slow.advance(Duration.ofSeconds(29));
    assertThat(slow.backend.rounds.size()).isBetween(7, 10);
    assertThat(slow.backend.released).isEmpty();
    slow.advance(Duration.ofSeconds(1));
    assertThat(stepping.get()).isNull();
    assertThat(slow.backend.released).hasSize(1);
    goOn.countDown();
    slow.advance(Duration.ofSeconds(5));
    Await.until(
        "it leads again",
        () -> {
          slow.advance(Duration.ofMillis(10));
          return latch.hasLeadership();
        });
    latch.close();
    assertThat(events).doesNotContain("interrupted");
  }

  /** A listener that works inside elected is interrupted when leadership is lost. */
  @Test
  void loss_electedStillRuns_isInterruptedThenDeposed() throws Exception {
    World slow = threaded();
    CountDownLatch never = new CountDownLatch(1);
    LeaderLatch latch = slow.client.leaderLatch("leader");
    latch.addListener(
        new LeaderListener() {
          @Override
          public void elected(LockHandle leadership) throws InterruptedException {
            events.add("elected");
            try {
              never.await();
            } finally {
              events.add("interrupted");
            }
          }

          @Override
          public void deposed(LockLoss loss) {
            events.add("deposed " + Thread.currentThread().isInterrupted());
          }
        });
    latch.start();
    Await.until("it leads", latch::hasLeadership);
    Await.until("elected", () -> events.size() == 1);
    Handle leadership = (Handle) latch.leadership().orElseThrow();
    slow.store.delete("leader");
    slow.backend.onClaim = claim -> FakeBackend.away();
    slow.engine.gone(slow.claimOf(leadership), LossReason.REVOKED);
    Await.until("deposed", () -> events.size() == 3);
    assertThat(events).containsExactly("elected", "interrupted", "deposed false");
    latch.close();
  }

  /** What a listener throws, an Error too, changes nothing for it or for others. */
  @Test
  void elected_throws_isDeposedAllTheSame() {
    LeaderLatch latch = world.client.leaderLatch("leader");
    latch.addListener(
        new LeaderListener() {
          @Override
          public void elected(LockHandle leadership) {
            events.add("rude elected");
            throw new OnPurpose("thrown by a listener");
          }

          @Override
          public void deposed(LockLoss loss) {
            events.add("rude deposed");
            throw new OnPurpose("thrown by a listener");
          }
        });
    latch.addListener(new Recorder("", latch));
    latch.start();
    world.store.delete("leader");
    world.engine.gone(world.claimOf(latch.leadership().orElseThrow()), LossReason.REVOKED);
    latch.close();
    assertThat(events)
        .containsExactly(
            "rude elected",
            "elected",
            "rude deposed",
            "deposed REVOKED",
            "rude elected",
            "elected",
            "rude deposed",
            "deposed STEPPED_DOWN");
  }

  @Test
  void addListener_whileLeading_isElectedAtOnce() {
    LeaderLatch latch = latch(world, "1 ");
    latch.start();
    latch.addListener(new Recorder("2 ", latch));
    latch.close();
    assertThat(events)
        .containsExactly(
            "1 elected", "2 elected", "1 deposed STEPPED_DOWN", "2 deposed STEPPED_DOWN");
    assertThatIllegalStateException().isThrownBy(() -> latch.addListener(new Recorder("", latch)));
  }

  /** E1: a latch may be closed by its listener, and by the one that is told of the end. */
  @Test
  void close_byAListener_endsWithoutWaitingForItself() throws Exception {
    World slow = threaded();
    LeaderLatch latch = slow.client.leaderLatch("leader");
    CountDownLatch closed = new CountDownLatch(1);
    latch.addListener(
        new LeaderListener() {
          @Override
          public void elected(LockHandle leadership) {
            latch.close();
            events.add("closed " + latch.hasLeadership());
            closed.countDown();
          }

          @Override
          public void deposed(LockLoss loss) {
            events.add("deposed");
          }
        });
    latch.start();
    closed.await();
    Await.until("the store is told", () -> slow.store.contents().isEmpty());
    assertThat(events.get(0)).isEqualTo("closed false");
    slow.advance(World.LEASE);
    assertThat(slow.backend.claimed).hasSize(1);
  }

  @Test
  void stepDown_byAListener_isRefused() {
    LeaderLatch latch = world.client.leaderLatch("leader");
    latch.addListener(
        new LeaderListener() {
          @Override
          public void elected(LockHandle leadership) {
            assertThatIllegalStateException().isThrownBy(latch::stepDown);
            events.add("refused");
          }

          @Override
          public void deposed(LockLoss loss) {}
        });
    latch.start();
    assertThat(events).containsExactly("refused");
    latch.close();
  }

  @Test
  void close_whileStanding_withdraws() {
    world.store.occupy("leader");
    LeaderLatch latch = latch();
    latch.start();
    world.advance(Duration.ofSeconds(3));
    latch.close();
    int claims = world.backend.claimed.size();
    world.store.delete("leader");
    world.advance(World.LEASE);
    assertThat(world.backend.claimed).hasSize(claims);
    assertThat(events).isEmpty();
    assertThat(Peek.names(world.engine)).isEmpty();
  }

  @Test
  void close_whileItWaitsToStandAgain_standsNoMore() {
    world.backend.goAway();
    LeaderLatch latch = latch();
    latch.start();
    world.advance(Duration.ofSeconds(3));
    latch.close();
    world.backend.comeBack();
    world.advance(World.LEASE);
    assertThat(world.store.contents()).isEmpty();
    assertThat(events).isEmpty();
  }

  @Test
  void close_neverStarted_isNothing() {
    LeaderLatch latch = latch();
    latch.close();
    latch.stepDown();
    assertThat(world.backend.calls).isEmpty();
  }

  /** The client's end is the latch's: told with that reason, and no callback after it. */
  @Test
  void closeOfTheClient_whileLeading_deposesFirst() {
    LeaderLatch latch = latch();
    latch.start();
    world.client.close();
    assertThat(events).containsExactly("elected", "deposed CLIENT_CLOSED");
    assertThat(world.store.contents()).isEmpty();
    assertThat(latch.hasLeadership()).isFalse();
    assertThatIllegalStateException().isThrownBy(latch::await);
    latch.close();
    world.advance(World.LEASE);
    assertThat(events).hasSize(2);
  }

  /** R3: closed between its grant and its election, when it listens for the loss already. */
  @Test
  void closeOfTheClient_whileBeingElected_frees() throws Exception {
    AtomicReference<Background<?>> closing = new AtomicReference<>();
    Runnable closed =
        () -> {
          Hold hold = world.engine.renewals.holds().get(0);
          closing.set(Background.start(Executors.callable(world.client::close)));
          Await.until("the loss", hold::hasEnded);
        };
    LockObserver beforeTheElection =
        new LockObserver() {
          @Override
          public void granted(String lockName, long fencingToken, Duration waited) {
            world.time.atNextReading(closed); // by the hold, when it has taken the listener
          }
        };
    world = World.builder(STORE).options(options -> options.observer(beforeTheElection)).build();
    latch().start();
    closing.get().get();
    assertThat(world.store.contents()).isEmpty();
    assertThat(events).isEmpty();
  }

  @Test
  void await_others_areWokenUp() throws Exception {
    world.store.occupy("leader");
    LeaderLatch latch = latch();
    assertThatIllegalStateException()
        .isThrownBy(latch::await)
        .withMessage("leader latch 'leader' is not started");
    latch.start();
    assertThat(latch.await(Duration.ZERO)).isEmpty();
    assertThat(latch.await(Duration.ofMillis(5))).isEmpty();
    var waiting = Background.waiting(latch::await);
    world.store.delete("leader");
    world.advance(Duration.ofSeconds(1));
    assertThat(waiting.get().isHeld()).isTrue();
    LeaderLatch other = world.client.leaderLatch("other");
    world.store.occupy("other");
    other.start();
    var closed = Background.waiting(other::await);
    other.close();
    assertThat(closed.failure()).isInstanceOf(IllegalStateException.class);
    var interrupted = Background.waiting(() -> standing().await());
    interrupted.thread.interrupt();
    assertThat(interrupted.failure()).isInstanceOf(InterruptedException.class);
    latch.close();
  }

  private LeaderLatch standing() {
    world.store.occupy("third");
    LeaderLatch latch = world.client.leaderLatch("third");
    latch.start();
    return latch;
  }

  @Test
  void participants_storeCannotTell_isUnsupported() {
    LeaderLatch latch = latch();
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(latch::participants)
        .withMessageContaining("fake");
    world = World.builder(STORE.withParticipants()).build();
    world.backend.onInspect =
        CompletableFuture.completedFuture(
            new LockView(
                java.util.Optional.of(LockHolder.of("one", 1)),
                List.of(LockHolder.waiting("two")),
                true));
    assertThat(world.client.leaderLatch("x").participants())
        .extracting(LockHolder::description)
        .containsExactly("one", "two");
    assertThat(world.client.leaderLatch("x").leader().map(LockHolder::description)).contains("one");
  }

  /** H-31: a thousand random steps: (elected deposed)*, in order, none after close. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void anything_inRandomOrder_isElectedAndDeposedInTurn(long seed) {
    Random random = new Random(seed);
    world = World.builder(random.nextBoolean() ? STORE : STORE.withQueue()).seed(seed).build();
    World other = World.builder(world.engine.capabilities).beside(world).seed(seed + 1).build();
    List<LeaderLatch> latches = new ArrayList<>();
    for (World of : List.of(world, other)) {
      LeaderLatch latch = latch(of, latches.size() + " ");
      latch.start();
      latches.add(latch);
    }
    for (int step = 0; step < 1_000; step++) {
      LeaderLatch latch = latches.get(random.nextInt(2));
      World of = latch == latches.get(0) ? world : other;
      switch (random.nextInt(6)) {
        case 0 -> {
          of.backend.comeBack(); // else it would wait for the store, in real time
          latch.stepDown();
        }
        case 1 ->
            latch
                .leadership()
                .ifPresent(
                    held -> {
                      world.store.delete("leader");
                      of.engine.gone(((Handle) held).hold.claim, LossReason.REVOKED);
                    });
        case 2 -> of.backend.goAway();
        case 3 -> of.backend.comeBack();
        default -> world.advance(Duration.ofMillis(random.nextInt(9_000)));
      }
    }
    world.backend.comeBack();
    other.backend.comeBack();
    world.advance(Duration.ofSeconds(20));
    assertThat(latches.stream().filter(LeaderLatch::hasLeadership)).hasSize(1);
    latches.forEach(LeaderLatch::close);
    int told = events.size();
    world.advance(World.LEASE.multipliedBy(3));
    assertThat(events).hasSize(told);
    for (String name : List.of("0 ", "1 ")) {
      boolean leads = false;
      for (String event : events) {
        if (event.startsWith(name)) {
          assertThat(event.contains("elected")).isEqualTo(!leads);
          leads = !leads;
        }
      }
      assertThat(leads).isFalse();
    }
    assertThat(other.backend.violations).isEmpty();
  }
}
