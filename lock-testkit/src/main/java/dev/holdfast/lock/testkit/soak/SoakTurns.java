package dev.holdfast.lock.testkit.soak;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockTimeoutException;
import dev.holdfast.lock.testkit.history.EventKind;
import dev.holdfast.lock.testkit.history.FencedRegisterClient;
import dev.holdfast.lock.testkit.history.History;
import dev.holdfast.lock.testkit.history.HistoryEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Wants one lock again and again; while it has it, writes to the fenced register.
 *
 * <p>What it writes down is certain although the process may be frozen between any two
 * instructions: a hold is noted to begin, and to end, at an instant after which {@code isHeld()}
 * was still true.
 *
 * <p>Runs on one thread; {@link #stop} comes from another.
 */
final class SoakTurns {

  private static final long LOOK_NANOS = Duration.ofMillis(10).toNanos();

  private final DistributedLock lock;
  private final Duration lease;
  private final Random random;
  private final Journal journal;
  private final FencedRegisterClient register;
  private final ReentrantLock gate = new ReentrantLock();
  private volatile boolean stopping;
  private @Nullable Thread waiter; // guarded by gate

  SoakTurns(
      DistributedLock lock,
      Duration lease,
      Random random,
      Journal journal,
      FencedRegisterClient register) {
    this.lock = lock;
    this.lease = lease;
    this.random = random;
    this.journal = journal;
    this.register = register;
  }

  /** Who writes about which lock. */
  record Journal(History history, String process, String client, String lock) {

    void releasing(long nanos, long token) {
      history.add(new HistoryEvent(nanos, EventKind.RELEASING, process, client, lock, token, ""));
    }
  }

  void run() throws IOException {
    while (!stopping) {
      try {
        Optional<LockHandle> held = acquire();
        if (held.isPresent()) {
          use(held.get());
        } else {
          journal.history().note(journal.client(), journal.lock(), "gave up");
        }
      } catch (LockTimeoutException | LockBackendException e) {
        journal.history().note(journal.client(), journal.lock(), "gave up: " + e.getMessage());
      } catch (InterruptedException e) {
        continue; // stop() has ended the wait
      }
      LockSupport.parkNanos(millis(5, 150) * 1_000_000L);
    }
  }

  /** Ends a wait, and lets a hold end soon. */
  void stop() {
    gate.lock();
    try {
      stopping = true;
      if (waiter != null) {
        waiter.interrupt();
      }
    } finally {
      gate.unlock();
    }
  }

  private Optional<LockHandle> acquire() throws InterruptedException {
    journal.history().waiting(journal.client(), journal.lock());
    if (!mayWait(Thread.currentThread())) {
      return Optional.empty();
    }
    try {
      return random.nextInt(6) == 0
          ? lock.tryAcquire(Duration.ofMillis(millis(1, 300)))
          : Optional.of(lock.acquire(lease.multipliedBy(4)));
    } finally {
      mayWait(null);
      Thread.interrupted(); // an interrupt that came too late would close the history's file
    }
  }

  private boolean mayWait(@Nullable Thread who) {
    gate.lock();
    try {
      waiter = who;
      return !stopping;
    } finally {
      gate.unlock();
    }
  }

  private void use(LockHandle held) throws IOException {
    long token = held.fencingToken();
    if (!journal.history().acquired(journal.client(), held)) { // frozen since the grant, perhaps
      journal.history().note(journal.client(), journal.lock(), "lost before it was used: " + token);
      held.close();
      return;
    }
    held.onLost(
        loss -> {
          String told = loss.reason() + (held.isHeld() ? " held" : "");
          journal.history().lost(journal.client(), journal.lock(), token, told);
        });
    long last = work(held, holdNanos());
    if (last != 0) {
      journal.releasing(last, token);
      String result = held.release().name();
      journal.history().released(journal.client(), journal.lock(), token, result);
    } else {
      journal.history().unheld(journal.client(), journal.lock(), token);
      if (random.nextInt(3) == 0) {
        write(held); // as code does that does not look: only the token helps
      }
      held.close();
    }
  }

  /**
   * Works until the time is over or the lock is lost.
   *
   * @return an instant at which it was held and done; 0 if it was lost
   */
  private long work(LockHandle held, long nanos) throws IOException {
    long start = System.nanoTime();
    write(held);
    boolean half = false;
    while (true) {
      long now = System.nanoTime();
      if (!held.isHeld()) {
        return 0;
      }
      if (stopping || now - start > nanos) {
        return now;
      }
      if (!half && now - start > nanos / 2) {
        half = true;
        write(held);
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private void write(LockHandle held) throws IOException {
    long token = held.fencingToken();
    boolean accepted = register.write(token, journal.process());
    boolean still = held.isHeld();
    journal.history().wrote(journal.client(), journal.lock(), token, accepted, still);
  }

  /** A third of the holds are short; the others last long enough for renewals, and to be lost. */
  private long holdNanos() {
    int lease = (int) this.lease.toMillis();
    return 1_000_000L * (random.nextInt(3) == 0 ? millis(2, 150) : millis(lease / 2, 2 * lease));
  }

  private int millis(int least, int most) {
    return least + random.nextInt(most - least);
  }
}
