package dev.holdfast.lock.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LeaderLatch;
import dev.holdfast.lock.LeaderListener;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** The terms of office of one participant, as its listener sees them, checked as they come (E1). */
final class Terms implements LeaderListener {

  private final LeaderLatch latch;
  private final List<String> events = new CopyOnWriteArrayList<>();
  private final List<String> violations = new CopyOnWriteArrayList<>();
  private final List<LossReason> reasons = new CopyOnWriteArrayList<>();
  private final List<Long> tokens = new CopyOnWriteArrayList<>();
  private final AtomicInteger inside = new AtomicInteger();
  private volatile Runnable whenDeposed = () -> {};
  private volatile boolean closed;

  private Terms(LeaderLatch latch) {
    this.latch = latch;
  }

  /** Listens from now on. */
  static Terms of(LeaderLatch latch) {
    Terms terms = new Terms(latch);
    latch.addListener(terms);
    return terms;
  }

  /** What the listener does when deposed. */
  void whenDeposed(Runnable work) {
    whenDeposed = work;
  }

  @Override
  public void elected(LockHandle leadership) {
    begin("elected");
    tokens.add(leadership.fencingToken());
    inside.decrementAndGet();
  }

  @Override
  public void deposed(LockLoss loss) {
    begin("deposed");
    if (latch.hasLeadership()) {
      violations.add("hasLeadership() inside deposed");
    }
    reasons.add(loss.reason());
    whenDeposed.run();
    inside.decrementAndGet();
  }

  private void begin(String event) {
    events.add(event);
    if (inside.incrementAndGet() > 1) {
      violations.add(event + " while another callback ran");
    }
    if (closed) {
      violations.add(event + " after close had returned");
    }
  }

  /** Closes the latch; every callback from now on is a violation. */
  void closeLatch() {
    latch.close();
    closed = true;
  }

  LossReason awaitDeposed(int times, Duration limit) {
    Await.until(times + " times deposed", limit, () -> reasons.size() >= times);
    return reasons.get(times - 1);
  }

  void awaitElected(int times, Duration limit) {
    Await.until(times + " times elected", limit, () -> tokens.size() >= times);
  }

  List<Long> tokens() {
    return tokens;
  }

  /** E1: {@code (elected deposed)*}, one at a time, with a flag that fits. */
  void check() {
    assertThat(violations).isEmpty();
    List<String> seen = new ArrayList<>(events);
    for (int i = 0; i < seen.size(); i++) {
      assertThat(seen.get(i))
          .as("event %d of %s", i, seen)
          .isEqualTo(i % 2 == 0 ? "elected" : "deposed");
    }
  }

  /** The same, and the last term is over. */
  void checkEnded() {
    check();
    assertThat(events.size() % 2).as("events in pairs: %s", events).isZero();
  }
}
