package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Refused;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockCapabilities.Fencing;
import dev.holdfast.lock.spi.LockCapabilities.LeaseClock;
import dev.holdfast.lock.spi.LockCapabilities.LeaseScope;
import dev.holdfast.lock.spi.LockRecords;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Locks as rows of a table.
 *
 * <p><b>Why the name is not given away before S + validFor.</b> A grant and a renewal write the
 * holder's claim id and {@code start_time}, read from the database's clock by that very statement.
 * The statement was sent after S, so {@code start_time} is a reading of that clock made after S.
 * Any other claim locks the row, and takes it only when the same clock, read anew, says {@code
 * start_time + lease} or later. As long as that clock runs at the rate of ours and is not set, this
 * is no earlier than S + lease, and validFor is the lease, rounded up to whole milliseconds in the
 * row. No client's clock and no time zone has a part in it. A step forward of the database's clock,
 * a deleted row and a database that loses commits are what this cannot cover: then the fencing
 * token does.
 *
 * <p>A statement that was sent and not answered may still be carried out later. It can grant the
 * row to a claim that nobody waits for any more, until its lease has run out; it can extend only
 * what is still this claim's; it cannot touch a successor's row, as every statement names the
 * claim's id, which is new for every acquisition. A row that a claim finds to be its own may be the
 * work of such a statement, with a clock older than S: it is trusted for what that clock, read
 * again after S, says is left of it.
 */
final class JdbcBackend implements LockBackend {

  /** The longest that one claim waits for a row that others keep locked: then it polls. */
  private static final Duration CLAIM_WAIT = Duration.ofSeconds(1);

  /** With no lease to wait for, the engine's own polling decides; it is below a second. */
  private static final Duration NOT_KNOWN = Duration.ofSeconds(1);

  private final BackendContext context;
  private final LockCapabilities capabilities;
  private final Calls calls;
  private final ConnectionSource pool;
  private final ReservedConnection reserved;
  private final Renewals renewals;
  private final WakeUps wakeUps;
  private final IdleRows idleRows;
  private final JdbcRecords records;

  private JdbcBackend(
      String backend,
      ConnectionSource pool,
      @Nullable UrlDataSource beside,
      JdbcLockOptions options,
      BackendContext context) {
    this.context = context;
    this.capabilities = capabilities(backend, options);
    this.pool = pool;
    this.reserved = new ReservedConnection(pool, beside, context);
    this.calls = new Calls(options, context.ticker(), context.workers());
    this.renewals =
        new Renewals(calls, options.reserveConnection() ? reserved : pool, reserved, context);
    this.wakeUps =
        new WakeUps(
            calls, pool, new SpareConnection(pool, beside, context), options.listen(), context);
    this.idleRows = new IdleRows(calls, pool, options.purgeIdleAfter(), context);
    this.records = new JdbcRecords(calls, pool, context);
  }

  static LockBackend over(DataSource dataSource, JdbcLockOptions options, BackendContext context) {
    LentPool lent = LentPool.of(dataSource);
    ConnectionSource pool = new LentSource(dataSource, lent.eviction());
    return new JdbcBackend(Dialects.backend(lent.hint()), pool, null, options, context);
  }

  static LockBackend at(JdbcUrl url, BackendContext context) {
    PoolLibrary.require(url.url());
    UrlDataSource source = new UrlDataSource(url.url(), context.options().operationTimeout());
    ConnectionSource pool = new OwnPool(source, url.options().poolSize());
    return new JdbcBackend(Dialects.backend(url.url()), pool, source, url.options(), context);
  }

  private static LockCapabilities capabilities(String backend, JdbcLockOptions options) {
    boolean durable = Dialects.isDurable(backend);
    LockCapabilities polled =
        LockCapabilities.of(backend)
            .withBlocking()
            .withLease(LeaseScope.LOCK, Duration.ofMillis(500), Duration.ofDays(1), LeaseClock.WALL)
            .withFencing(durable ? Fencing.STRICT : Fencing.BEST_EFFORT);
    return backend.equals("jdbc:postgresql") && options.listen() ? polled.withWakeUps() : polled;
  }

  @Override
  public LockCapabilities capabilities() {
    return capabilities;
  }

  @Override
  public void checkName(String name) {
    Texts.check("a lock's name", name);
    int length = name.codePointCount(0, name.length());
    if (length > Texts.MAX_NAME) {
      throw new IllegalArgumentException(
          "a lock's name and prefix must have at most %d code points together, not %d"
              .formatted(Texts.MAX_NAME, length));
    }
  }

  @Override
  public CompletionStage<ClaimOutcome> claim(Claim claim) {
    Deadline deadline = Deadline.in(context.ticker(), claim.patience());
    return Answers.of(
        () -> {
          try {
            return calls.call(
                pool,
                deadline,
                (locks, connection, asOf) -> ask(locks, connection, claim, deadline, asOf));
          } catch (Contention e) {
            return Waiting.poll(NOT_KNOWN, Optional.empty());
          }
        });
  }

  /**
   * One statement for a free lock. Who was refused once reads before it writes: a read costs the
   * database no lock and no log.
   */
  private ClaimOutcome ask(
      LockTable locks, Connection connection, Claim claim, Deadline deadline, long asOf)
      throws SQLException {
    if (Wait.readsFirst(claim)) {
      Optional<Row> seen = locks.look(connection, claim.name());
      if (seen.isPresent() && !seen.get().isGrantableTo(claim)) {
        return refusal(locks, connection, seen.get(), claim);
      }
    }
    Duration lockWait = Deadline.shorter(deadline.lockWait(), CLAIM_WAIT);
    OptionalLong token = locks.take(connection, claim, lockWait);
    if (token.isPresent()) {
      Wait.over(claim);
      return new Granted(token.getAsLong(), claim.lease(), asOf);
    }
    Optional<Row> found = locks.lookOrCreate(connection, claim, lockWait);
    if (found.isEmpty()) {
      return Waiting.poll(NOT_KNOWN, Optional.empty());
    }
    Row row = found.get();
    return row.isOf(claim)
        ? new Granted(row.token(), Deadline.shorter(claim.lease(), row.remaining()), asOf)
        : refusal(locks, connection, row, claim);
  }

  private ClaimOutcome refusal(LockTable locks, Connection connection, Row row, Claim claim)
      throws SQLException {
    if (!row.enabled() && !row.isOf(claim)) {
      return new Refused(
          "it is switched off; to switch it on: " + locks.dialect().switchOn(row.name()));
    }
    Wait.refused(claim, context.ticker().read());
    Waiting woken = wakeUps.enlist(locks, connection, claim, row);
    return woken != null ? woken : polled(row, claim);
  }

  private static Waiting polled(Row row, Claim claim) {
    Duration kept = row.keptFrom(claim);
    if (!kept.isZero()) {
      return Waiting.poll(kept, Optional.empty());
    }
    Optional<LockHolder> holder = row.asHolder();
    return Waiting.poll(holder.isEmpty() ? NOT_KNOWN : row.remaining(), holder);
  }

  @Override
  public void renew(Collection<? extends Claim> claims) {
    renewals.renew(claims);
  }

  /**
   * Names the claim's id alone, which no successor has. After a try that was not answered, "not
   * there" means that the try did it.
   */
  @Override
  public CompletionStage<ReleaseOutcome> release(Claim claim) {
    return release(claim, true);
  }

  private CompletionStage<ReleaseOutcome> release(Claim claim, boolean firstTry) {
    Deadline deadline = Deadline.in(context.ticker(), context.options().operationTimeout());
    int[] tries = new int[1];
    CompletionStage<ReleaseOutcome> answer =
        Answers.of(
            () ->
                calls.insist(
                    pool,
                    deadline,
                    (locks, connection, asOf) -> {
                      boolean first = tries[0]++ == 0 && firstTry;
                      boolean freed = locks.release(connection, claim, deadline.lockWait());
                      return freed || !first ? ReleaseOutcome.RELEASED : ReleaseOutcome.NOT_HELD;
                    }));
    idleRows.maybePurge();
    return answer;
  }

  /**
   * One statement; if the row is not to be passed on, a release and a claim one after the other.
   * After a try that was not answered, a row that is not the old claim's means that the try did it.
   */
  @Override
  public HandOver handOver(Claim from, Claim to) {
    Deadline deadline = Deadline.in(context.ticker(), to.patience());
    int[] tries = new int[1];
    Optional<ClaimOutcome> passed;
    try {
      passed =
          calls.insist(
              pool,
              deadline,
              (locks, connection, asOf) -> {
                tries[0]++;
                return pass(locks, connection, from, to, deadline, asOf);
              });
    } catch (BackendFailure e) {
      // Whether it was passed on is not known: both are to be asked about again.
      return new HandOver(CompletableFuture.failedFuture(e), CompletableFuture.failedFuture(e));
    }
    return passed.isPresent()
        ? new HandOver(
            CompletableFuture.completedFuture(ReleaseOutcome.RELEASED),
            CompletableFuture.completedFuture(passed.get()))
        : new HandOver(release(from, tries[0] == 1), claim(to));
  }

  private static Optional<ClaimOutcome> pass(
      LockTable locks, Connection connection, Claim from, Claim to, Deadline deadline, long asOf)
      throws SQLException {
    OptionalLong token = locks.pass(connection, from, to, deadline.lockWait());
    return token.isPresent()
        ? Optional.of(new Granted(token.getAsLong(), to.lease(), asOf))
        : Optional.empty();
  }

  @Override
  public CompletionStage<LockView> inspect(String name) {
    Deadline deadline = Deadline.in(context.ticker(), context.options().operationTimeout());
    return Answers.of(
        () ->
            calls.insist(
                pool,
                deadline,
                (locks, connection, asOf) ->
                    locks
                        .look(connection, name)
                        .map(row -> new LockView(row.asHolder(), List.of(), row.enabled()))
                        .orElse(LockView.FREE)));
  }

  @Override
  public Optional<LockRecords> records() {
    return Optional.of(records);
  }

  /** On a worker, as a pool may wait for connections that hang; when the time is up, it goes on. */
  @Override
  public CompletionStage<Void> close(Duration limit) {
    CompletableFuture<Void> closed =
        CompletableFuture.runAsync(
            () -> {
              wakeUps.close();
              reserved.close();
              pool.close();
            },
            context.workers());
    var timeout =
        context
            .timer()
            .schedule(() -> closed.complete(null), limit.toNanos(), TimeUnit.NANOSECONDS);
    return closed.whenComplete((done, failure) -> timeout.cancel(false));
  }
}
