package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClientOptions.ClockJumps;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SuspendAwareTickerTest {

  private static final long SECOND = 1_000_000_000;

  private final AtomicLong monotonic = new AtomicLong(-5 * SECOND);
  private final AtomicLong wall = new AtomicLong(1_700_000_000 * SECOND);
  private final AtomicLong uptime = new AtomicLong(1_000 * SECOND);
  private boolean uptimeReadable = true;

  private SuspendAwareTicker ticker(ClockJumps withoutUptime) {
    return new SuspendAwareTicker(
        monotonic::get,
        wall::get,
        () -> uptimeReadable ? OptionalLong.of(uptime.get()) : OptionalLong.empty(),
        withoutUptime);
  }

  private void run(long nanos) {
    monotonic.addAndGet(nanos);
    wall.addAndGet(nanos);
    uptime.addAndGet(nanos);
  }

  private void suspend(long nanos) {
    uptime.addAndGet(nanos); // first: who sees the jump of the wall clock sees this as well
    wall.addAndGet(nanos);
  }

  @Test
  void read_nothingOdd_isTheMonotonicClock() {
    SuspendAwareTicker ticker = ticker(ClockJumps.IGNORE);
    assertThat(ticker.read()).isEqualTo(-5 * SECOND);
    run(7 * SECOND);
    assertThat(ticker.read()).isEqualTo(2 * SECOND);
  }

  /** A7: a wall clock that was set does nothing. */
  @ParameterizedTest
  @ValueSource(longs = {SECOND, -SECOND, 86_400 * SECOND, -86_400 * SECOND, SECOND / 10})
  void read_wallClockJumps_isUnmoved(long jump) {
    for (ClockJumps option : ClockJumps.values()) {
      SuspendAwareTicker ticker = ticker(option);
      long before = ticker.read();
      wall.addAndGet(jump);
      assertThat(ticker.read()).isEqualTo(before);
      run(SECOND);
      assertThat(ticker.read()).isEqualTo(before + SECOND);
    }
  }

  /** A7: the time of a suspended host counts, each time anew. */
  @Test
  void read_hostWasSuspended_addsThatTime() {
    SuspendAwareTicker ticker = ticker(ClockJumps.IGNORE);
    long before = ticker.read();
    suspend(20 * SECOND);
    assertThat(ticker.read()).isEqualTo(before + 20 * SECOND);
    run(SECOND);
    suspend(SECOND / 5);
    assertThat(ticker.read()).isEqualTo(before + 21 * SECOND + SECOND / 5);
  }

  /** A7: many naps, each too short to be seen, are seen together. */
  @Test
  void read_manyShortNaps_areNotLost() {
    SuspendAwareTicker ticker = ticker(ClockJumps.IGNORE);
    long before = ticker.read();
    for (int i = 0; i < 100; i++) {
      suspend(SECOND / 50);
      run(SECOND / 50);
      long unused = ticker.read();
    }
    assertThat(ticker.read() - before).isBetween(4 * SECOND - SECOND / 10, 4 * SECOND);
  }

  /** A7: suspended, and the wall clock set back over it soon after. */
  @Test
  void read_suspendAndJumpInTurn_tellsThemApart() {
    SuspendAwareTicker ticker = ticker(ClockJumps.IGNORE);
    long before = ticker.read();
    wall.addAndGet(3_600 * SECOND);
    assertThat(ticker.read()).isEqualTo(before);
    suspend(10 * SECOND);
    assertThat(ticker.read()).isEqualTo(before + 10 * SECOND);
    wall.addAndGet(-7_200 * SECOND);
    assertThat(ticker.read()).isEqualTo(before + 10 * SECOND);
    suspend(5 * SECOND);
    assertThat(ticker.read()).isEqualTo(before + 15 * SECOND);
  }

  /** A7: where nothing counts suspended time, the option decides. */
  @Test
  void read_noUptime_followsTheOption() {
    uptimeReadable = false;
    SuspendAwareTicker ignoring = ticker(ClockJumps.IGNORE);
    SuspendAwareTicker counting = ticker(ClockJumps.SUSPENDED);
    long before = ignoring.read();
    wall.addAndGet(10 * SECOND);
    assertThat(ignoring.read()).isEqualTo(before);
    assertThat(counting.read()).isEqualTo(before + 10 * SECOND);
    wall.addAndGet(-3 * SECOND);
    assertThat(counting.read()).isEqualTo(before + 10 * SECOND);
    wall.addAndGet(SECOND);
    assertThat(counting.read()).isEqualTo(before + 11 * SECOND);
  }

  /** A7: a file that cannot be read at the moment is read at the next look. */
  @Test
  void read_uptimeFailsOnce_catchesUpLater() {
    SuspendAwareTicker ticker = ticker(ClockJumps.IGNORE);
    long before = ticker.read();
    uptimeReadable = false;
    suspend(10 * SECOND);
    assertThat(ticker.read()).isEqualTo(before);
    uptimeReadable = true;
    assertThat(ticker.read()).isEqualTo(before + 10 * SECOND);
  }

  /** A7: what cannot be compared with the start decides nothing. */
  @Test
  void read_uptimeAppearsLater_isNotTakenForSuspension() {
    uptimeReadable = false;
    SuspendAwareTicker ticker = ticker(ClockJumps.IGNORE);
    long before = ticker.read();
    uptimeReadable = true;
    wall.addAndGet(SECOND);
    assertThat(ticker.read()).isEqualTo(before);
  }

  /** A7: a thread that is held up between two clocks has seen no jump. */
  @ParameterizedTest
  @EnumSource(ClockJumps.class)
  void read_heldUpBetweenTwoClocks_isNoJump(ClockJumps option) {
    uptimeReadable = false;
    AtomicBoolean holdUp = new AtomicBoolean();
    SuspendAwareTicker ticker =
        new SuspendAwareTicker(
            monotonic::get,
            () -> {
              if (holdUp.getAndSet(false)) {
                run(SECOND);
              }
              return wall.get();
            },
            OptionalLong::empty,
            option);
    for (int i = 0; i < 5; i++) {
      holdUp.set(true);
      long unused = ticker.read();
      assertThat(ticker.read()).isEqualTo(monotonic.get());
    }
  }

  /** A7: the same, while the clock that counts suspended time is read. */
  @Test
  void read_heldUpWhileTheUptimeIsRead_missesNothing() {
    AtomicLong holdUp = new AtomicLong();
    SuspendAwareTicker ticker =
        new SuspendAwareTicker(
            monotonic::get,
            wall::get,
            () -> {
              long up = uptime.get();
              run(holdUp.getAndSet(0));
              return OptionalLong.of(up);
            },
            ClockJumps.IGNORE);
    long before = ticker.read();
    holdUp.set(SECOND);
    suspend(10 * SECOND);
    long unused = ticker.read();
    assertThat(ticker.read() - before).isEqualTo(11 * SECOND);
  }

  /** A7: the clock's origin is arbitrary. */
  @Test
  void read_originNearTheOverflow_goesOn() {
    monotonic.set(Long.MAX_VALUE - SECOND);
    SuspendAwareTicker ticker = ticker(ClockJumps.IGNORE);
    long before = ticker.read();
    run(3 * SECOND);
    suspend(5 * SECOND);
    assertThat(ticker.read() - before).isEqualTo(8 * SECOND);
  }

  /** A7: for no thread does the clock go back, whatever happens meanwhile. */
  @Test
  void read_manyThreads_neverGoesBackAndCountsOnce() throws Exception {
    for (ClockJumps option : ClockJumps.values()) {
      uptimeReadable = option == ClockJumps.IGNORE;
      SuspendAwareTicker ticker = ticker(option);
      long begun = ticker.read();
      long monotonicBegun = monotonic.get();
      AtomicBoolean stop = new AtomicBoolean();
      CyclicBarrier start = new CyclicBarrier(5);
      List<Background<Long>> readers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        readers.add(
            Background.start(
                () -> {
                  start.await();
                  long last = ticker.read();
                  while (!stop.get()) {
                    long next = ticker.read();
                    if (next - last < 0) {
                      throw new AssertionError("went back by " + (last - next));
                    }
                    last = next;
                  }
                  return last;
                }));
      }
      start.await();
      for (int i = 0; i < 200; i++) {
        suspend(SECOND);
        for (int look = 0; look < 50; look++) {
          long unused = ticker.read();
        }
      }
      stop.set(true);
      for (Background<Long> reader : readers) {
        long unused = reader.get();
      }
      assertThat(ticker.read() - begun).isEqualTo(200 * SECOND + monotonic.get() - monotonicBegun);
    }
  }

  @Test
  void ofSystem_isTheMonotonicClockHere() {
    SuspendAwareTicker ticker = SuspendAwareTicker.ofSystem(ClockJumps.IGNORE);
    long before = System.nanoTime();
    long read = ticker.read();
    assertThat(read).isBetween(before, System.nanoTime());
  }
}
