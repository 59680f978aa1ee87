package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Enters this client in the rows that it waits for, and wakes its waiters when these are released,
 * where the database can tell.
 *
 * <p><b>One connection and one worker listen, for all waits of the client</b>, from the first wait
 * on until nobody has waited for a while: the driver has no other way to hear of something than to
 * wait for it. Before it is trusted, the client calls itself over another connection and has to
 * hear that.
 *
 * <p><b>Only for waits that last.</b> Behind a hold of a few milliseconds a waiter asks again
 * sooner than an entry in the row would pay off, and has a chance at every release. Behind a hold
 * that lasts, or after a wait of many such holds, the first waiter that finds the row without an
 * entry leaves its client's; the others ask now and then, and one of them is next. So one release
 * wakes one client, and one that does not wait for anything costs nothing. Chance alone would not
 * do: on busy cores a waiter runs when the holder sleeps, so it finds the row held time after time.
 *
 * <p><b>Where nobody listens</b>, behind a pooler for instance, the entry still keeps the row for
 * the client, for longer than the pause until it asks again.
 *
 * <p><b>No wake-up is lost between a look and the entry</b>: the entry is refused if the row is
 * free by then, and whoever frees it later sees the entry. What gets lost on the way costs one poll
 * interval, as everybody goes on asking.
 */
final class WakeUps {

  private static final Logger LOG = LoggerFactory.getLogger(WakeUps.class);

  /** From here on a poller asks more rarely than a wake-up takes. */
  private static final Duration SHORT_HOLD = Duration.ofMillis(8);

  /** Behind short holds, chance alone decides; from here on this waiter is out of luck. */
  private static final Duration LONG_WAIT = Duration.ofMillis(20);

  /** Of an entry; one that a dead client left keeps others from being woken for so long. */
  private static final Duration ENLISTED = Duration.ofSeconds(10);

  /** An entry is written anew in time. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(4);

  /** Between two polls of a client that is entered and hears nothing: it must come in time. */
  private static final Duration LONGEST_GAP = Duration.ofMillis(250);

  /** A slice of listening; then it looks whether somebody waits still. */
  private static final int SLICE_MILLIS = 200;

  private static final Duration SELF_TEST = Duration.ofSeconds(2);

  /** With nobody waiting: longer than the pause between two waits of a busy client. */
  private static final Duration LINGER = Duration.ofSeconds(3);

  /** A silent network is noticed so. */
  private static final Duration CHECK = Duration.ofSeconds(5);

  /** After a failure. */
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private enum State {
    OFF,
    STARTING,
    ON,
    NEVER
  }

  /** One who waits; {@code until} it is to ask again by itself. */
  private record Waiter(Claim claim, CompletableFuture<ClaimOutcome> woken, long until) {}

  private final Calls calls;
  private final ConnectionSource pool;
  private final SpareConnection source;
  private final BackendContext context;
  private final ConcurrentMap<String, Waiter> waiting = new ConcurrentHashMap<>();
  private final AtomicReference<State> state = new AtomicReference<>(State.OFF);
  private volatile @Nullable Connection listening;
  private volatile CompletableFuture<Void> ended = CompletableFuture.completedFuture(null);
  private volatile long notBefore;
  private volatile boolean closed;

  /**
   * Listens to nothing yet.
   *
   * @param source of the connection that listens
   */
  WakeUps(
      Calls calls,
      ConnectionSource pool,
      SpareConnection source,
      boolean enabled,
      BackendContext context) {
    this.calls = calls;
    this.pool = pool;
    this.source = source;
    this.context = context;
    this.notBefore = context.ticker().read();
    if (!enabled) {
      state.set(State.NEVER);
    }
  }

  /**
   * Enters this client in the row that refused it, if that pays off.
   *
   * @return what is told to the engine; null if it is to poll as usual
   */
  @Nullable Waiting enlist(LockTable locks, Connection connection, Claim claim, Row row)
      throws SQLException {
    if (!locks.dialect().wakes() || !claim.queue() || closed || !isWorthAnEntry(claim, row)) {
      return null;
    }
    if (state.get() != State.ON) {
      start(); // so that it listens when its turn comes
    }
    boolean mine = context.clientId().equals(row.waiter());
    if (!mine && !row.waiterRemaining().isZero()) {
      return null; // somebody else's turn
    }
    if (state.get() != State.ON) {
      return state.get() == State.STARTING ? null : unheard(locks, connection, claim, row, mine);
    }
    Waiter known = waiting.get(claim.name());
    if (known != null && known.claim == claim && mine && lasts(row)) {
      return woken(known, row);
    }
    long until = context.ticker().read() + ENLISTED.toNanos();
    Waiter waiter = new Waiter(claim, new CompletableFuture<>(), until);
    waiting.put(claim.name(), waiter);
    if (state.get() != State.ON) { // who listened has woken all that it found, maybe not this one
      waiting.remove(claim.name(), waiter);
      return null;
    }
    if (!enter(locks, connection, claim)) {
      waiting.remove(claim.name(), waiter);
      return null;
    }
    return woken(waiter, row);
  }

  private boolean isWorthAnEntry(Claim claim, Row row) {
    return row.heldFor().compareTo(SHORT_HOLD) >= 0 || hasWaitedLong(claim);
  }

  private boolean hasWaitedLong(Claim claim) {
    return Wait.nanos(claim, context.ticker().read()) >= LONG_WAIT.toNanos();
  }

  private boolean enter(LockTable locks, Connection connection, Claim claim) throws SQLException {
    return locks.enlist(connection, claim.name(), context.clientId(), ENLISTED);
  }

  /** Whether the entry need not be written anew before the next look. */
  private static boolean lasts(Row row) {
    return row.waiterRemaining().compareTo(LOOK_AGAIN) > 0;
  }

  private static Waiting woken(Waiter waiter, Row row) {
    return new Waiting(waiter.woken, Deadline.shorter(row.remaining(), LOOK_AGAIN), row.asHolder());
  }

  /** Nobody will be called, but the row is kept until this client asks again. */
  private @Nullable Waiting unheard(
      LockTable locks, Connection connection, Claim claim, Row row, boolean mine)
      throws SQLException {
    boolean entered =
        (mine && lasts(row)) || (hasWaitedLong(claim) && enter(locks, connection, claim));
    if (!entered) {
      return null;
    }
    return Waiting.poll(Deadline.shorter(row.remaining(), LONGEST_GAP), row.asHolder());
  }

  private void start() {
    if (context.ticker().read() - notBefore >= 0
        && state.compareAndSet(State.OFF, State.STARTING)) {
      ended = new CompletableFuture<>();
      try {
        context.workers().execute(this::run);
      } catch (RejectedExecutionException e) {
        state.set(State.NEVER); // the client has ended
        ended.complete(null);
      }
    }
  }

  private void run() {
    State next = State.OFF;
    try {
      next = listen();
    } catch (SQLException | BackendFailure | Contention e) {
      notBefore = context.ticker().read() + PAUSE.toNanos();
      LOG.debug("Does not listen to {} for now; waiters poll", pool.describe(), e);
    } catch (InterruptedException e) {
      next = State.NEVER; // the client has ended
    } finally {
      state.set(next);
      waiting.keySet().forEach(this::wake);
      ended.complete(null);
    }
  }

  /** Until nobody waits, or something breaks. */
  private State listen() throws SQLException, InterruptedException, Contention {
    Duration limit = context.options().operationTimeout();
    Connection borrowed = source.borrow(Deadline.in(context.ticker(), limit));
    boolean whole = false;
    listening = borrowed;
    try {
      Connection connection = source.unwrapped(borrowed);
      Dialect dialect = calls.dialect(connection, pool);
      Session session = Session.begin(connection, dialect, Deadline.in(context.ticker(), limit));
      Optional<Ear> ear = dialect.listen(connection, context.clientId());
      boolean hears = ear.isPresent() && hearsItself(ear.get());
      if (hears && state.compareAndSet(State.STARTING, State.ON)) {
        untilNobodyWaits(ear.get());
      }
      if (ear.isPresent()) {
        ear.get().end();
      }
      session.end();
      whole = true;
      return hears || closed ? State.OFF : never(ear.isPresent());
    } finally {
      listening = null;
      if (whole) {
        source.giveBack(borrowed);
      } else {
        source.discard(borrowed);
      }
    }
  }

  private State never(boolean listened) {
    LOG.info(
        "Waiters at {} poll and are not woken: {}",
        pool.describe(),
        listened
            ? "the database's notifications do not arrive"
            : "a pooler, or an unknown driver, is in the way of the database's notifications");
    return State.NEVER;
  }

  /** Over another connection: a pooler passes on what comes over the one it comes from. */
  private boolean hearsItself(Ear ear) throws SQLException, Contention {
    Deadline deadline = Deadline.in(context.ticker(), SELF_TEST);
    String client = context.clientId();
    calls.call(
        pool,
        deadline,
        (locks, connection, asOf) -> {
          locks.dialect().call(connection, client);
          return "";
        });
    while (!deadline.passed() && !closed) {
      if (ear.hear(Math.min(SLICE_MILLIS, deadline.millis())).contains("")) {
        return true;
      }
    }
    ear.check(); // of a server that only was slow, what is under way comes along with its answer
    return ear.hear(1).contains("");
  }

  private void untilNobodyWaits(Ear ear) throws SQLException {
    long lastWait = context.ticker().read();
    long lastSign = lastWait;
    while (!closed) {
      for (String name : ear.hear(SLICE_MILLIS)) {
        wake(name);
        lastSign = context.ticker().read();
      }
      long now = context.ticker().read();
      waiting.values().removeIf(waiter -> now - waiter.until >= 0); // has long ended
      if (!waiting.isEmpty()) {
        lastWait = now;
      } else if (now - lastWait > LINGER.toNanos()) {
        return;
      }
      if (now - lastSign > CHECK.toNanos()) {
        ear.check();
        lastSign = now;
      }
    }
  }

  /** It need not read before it tries: the row is kept for it. */
  private void wake(String name) {
    Waiter waiter = waiting.remove(name);
    if (waiter != null) {
      Wait.woken(waiter.claim);
      waiter.woken.complete(Waiting.askAgain());
    }
  }

  /** Ends within a slice; what is lent comes back unless the network is silent. */
  void close() {
    closed = true;
    Connection open = listening;
    if (open != null) {
      source.hangUp(open);
    }
    try {
      ended.get(2 * SLICE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("Still listens to {}", pool.describe(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
