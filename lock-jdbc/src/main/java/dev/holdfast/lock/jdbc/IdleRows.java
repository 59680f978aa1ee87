package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.BackendFailure;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the rows of names that nobody has used for long, so that a name used once costs nothing
 * for ever (CONTRACT.md, S1). Their tokens go on increasing, as the database's clock is in them.
 *
 * <p>Runs beside the releases: once per {@link JdbcLockOptions#purgeIdleAfter()}, but at most once
 * an hour, in portions, on a worker.
 */
final class IdleRows {

  private static final Logger LOG = LoggerFactory.getLogger(IdleRows.class);

  private static final int PORTION = 1_000;

  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

  private final Calls calls;
  private final ConnectionSource source;
  private final BackendContext context;
  private final Duration idle;
  private final long pause;
  private final AtomicLong nextAt;

  IdleRows(Calls calls, ConnectionSource source, Duration idle, BackendContext context) {
    this.calls = calls;
    this.source = source;
    this.context = context;
    this.idle = idle;
    this.pause = (idle.compareTo(LONGEST_PAUSE) < 0 ? idle : LONGEST_PAUSE).toNanos();
    this.nextAt = new AtomicLong(context.ticker().read() + pause);
  }

  /** Looks whether it is time. */
  void maybePurge() {
    long now = context.ticker().read();
    long due = nextAt.get();
    if (now - due >= 0 && nextAt.compareAndSet(due, now + pause)) {
      try {
        context.workers().execute(this::purge);
      } catch (RejectedExecutionException e) {
        LOG.debug("No purge of idle rows: the client has ended", e);
      }
    }
  }

  private void purge() {
    try {
      int deleted;
      do {
        Deadline deadline = Deadline.in(context.ticker(), context.options().operationTimeout());
        deleted =
            calls.call(
                source,
                deadline,
                (locks, connection, asOf) -> locks.purge(connection, idle, PORTION));
        LOG.debug("Purged {} idle rows", deleted);
      } while (deleted == PORTION);
    } catch (Contention | BackendFailure e) {
      LOG.debug("Idle rows were not purged; some later time", e);
    }
  }
}
