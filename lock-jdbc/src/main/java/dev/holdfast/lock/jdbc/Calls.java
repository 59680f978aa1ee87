package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Ticker;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one piece of work on a connection of its own, in a transaction of its own, within its time,
 * and makes of the driver's errors what the engine understands.
 *
 * <p>The work may run more than once: on a missing table that may be created, and on a connection
 * that was dead already, as killed sessions are found out only by using them. So it must not matter
 * whether an earlier run reached the database.
 */
final class Calls {

  private static final Logger LOG = LoggerFactory.getLogger(Calls.class);

  /** More than the dead connections that a pool of common size hands out after a restart. */
  private static final int MOST_TRIES = 20;

  /** Between two tries that met contention. */
  private static final long PAUSE = 2_000_000;

  private static final long LONGEST_PAUSE = 50_000_000;

  /** After which the other idle connections are not trusted: slow databases answer sooner. */
  private static final long LONG_SILENCE = 1_000_000_000;

  private final JdbcLockOptions options;
  private final Ticker ticker;
  private final Hop hop;
  private volatile @Nullable LockTable table;
  private volatile boolean tableSeen;

  Calls(JdbcLockOptions options, Ticker ticker, Executor workers) {
    this.options = options;
    this.ticker = ticker;
    this.hop = new Hop(workers);
  }

  /** One step at the database. */
  interface Work<T> {

    /**
     * Does it.
     *
     * @param asOf the time before anything of this was sent
     */
    T run(LockTable table, Connection connection, long asOf) throws SQLException;
  }

  /**
   * Runs the work.
   *
   * @throws Contention if others were in the way
   * @throws BackendFailure for everything else that fails
   */
  <T> T call(ConnectionSource source, Deadline deadline, Work<T> work) throws Contention {
    boolean created = false;
    for (int tries = 1; ; tries++) {
      try {
        return once(source, deadline, work);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw BackendFailure.transientFailure("interrupted before the database was asked", e);
      } catch (NoConnection e) {
        throw Failures.connecting(source, e);
      } catch (SQLException e) {
        Trouble trouble = Trouble.of(e);
        LockTable known = table;
        if (trouble == Trouble.CONTENTION) {
          throw new Contention(e);
        } else if (trouble == Trouble.NO_TABLE
            && known != null
            && mayCreate(known.dialect())
            && !created) {
          created = true;
          createTable(source, deadline);
        } else if (trouble == Trouble.AWAY && tries < MOST_TRIES && !deadline.passed()) {
          LOG.debug("A connection was dead; trying another one", e);
          source.suspect();
          // Pools trust what was used in the last half second, and hand out the same one again.
          LockSupport.parkNanos(Math.min(LONGEST_PAUSE, PAUSE << tries));
        } else {
          throw Failures.working(source, trouble, e, ddl(), options.table());
        }
      }
    }
  }

  /** The same, again and again where others are in the way. */
  <T> T insist(ConnectionSource source, Deadline deadline, Work<T> work) {
    while (true) {
      try {
        return call(source, deadline, work);
      } catch (Contention e) {
        if (deadline.passed()) {
          throw BackendFailure.transientFailure(
              "the row at %s is kept locked by somebody else".formatted(source.describe()),
              e.getCause());
        }
        LockSupport.parkNanos(PAUSE);
      }
    }
  }

  private boolean mayCreate(Dialect known) {
    return options.createSchema().orElse(known.createsTableUnasked());
  }

  private void createTable(ConnectionSource source, Deadline deadline) {
    boolean created = false;
    while (!created) {
      created = triedToCreateTable(source, deadline);
    }
  }

  /** False if the connection was dead and there is time for another one. */
  private boolean triedToCreateTable(ConnectionSource source, Deadline deadline) {
    try {
      once(
          source,
          deadline,
          (known, connection, asOf) -> {
            known.dialect().createTable(connection);
            return "";
          });
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw BackendFailure.transientFailure("interrupted before the table was created", e);
    } catch (NoConnection e) {
      throw Failures.connecting(source, e);
    } catch (SQLException e) {
      if (Trouble.of(e) == Trouble.AWAY && !deadline.passed()) {
        source.suspect();
        return false;
      }
      throw Failures.creating(source, e, ddl());
    }
  }

  /** Could not even get a connection: trying again at once is of no use. */
  private static final class NoConnection extends SQLException {
    private static final long serialVersionUID = 1L;

    NoConnection(SQLException cause) {
      super(cause.getMessage(), cause.getSQLState(), cause);
    }
  }

  /** On this thread if the driver ends the call in time, else on a worker. */
  private <T> T once(ConnectionSource source, Deadline deadline, Work<T> work)
      throws SQLException, InterruptedException {
    LockTable known = table;
    if (known != null && known.dialect().obeysNetworkTimeout()) {
      return on(borrow(source, deadline), source, deadline, work);
    }
    return hop.call(
        deadline,
        source.describe(),
        gate -> {
          Connection connection = borrowHere(source, deadline);
          if (!gate.pass()) {
            source.giveBack(connection);
            throw new InterruptedException();
          }
          return on(connection, source, deadline, work);
        },
        value -> {});
  }

  private Connection borrow(ConnectionSource source, Deadline deadline)
      throws SQLException, InterruptedException {
    Connection atHand = source.atHand();
    if (atHand != null) {
      return atHand;
    }
    if (source.borrowsInTime()) {
      return borrowHere(source, deadline);
    }
    try {
      return hop.call(
          deadline, source.describe(), gate -> source.borrow(deadline), source::giveBack);
    } catch (SQLException e) {
      throw new NoConnection(e);
    }
  }

  private static Connection borrowHere(ConnectionSource source, Deadline deadline)
      throws SQLException, InterruptedException {
    try {
      Connection atHand = source.atHand();
      return atHand != null ? atHand : source.borrow(deadline);
    } catch (SQLException e) {
      throw new NoConnection(e);
    }
  }

  private <T> T on(Connection borrowed, ConnectionSource source, Deadline deadline, Work<T> work)
      throws SQLException {
    Session session = null;
    long begun = ticker.read();
    try {
      Connection connection = source.unwrapped(borrowed);
      LockTable known = tableAt(connection, source);
      long asOf = ticker.read(); // before an open transaction is ended, in which clocks stand still
      session = Session.begin(connection, known.dialect(), deadline);
      if (!tableSeen && known.dialect().looksForTable() && mayCreate(known.dialect())) {
        known.dialect().createTable(connection);
        tableSeen = true;
      }
      T result = work.run(known, connection, asOf);
      handBack(borrowed, source, session, Trouble.TRANSIENT);
      return result;
    } catch (SQLException e) {
      Trouble trouble = Trouble.of(e);
      handBack(borrowed, source, session, trouble);
      if (trouble == Trouble.SILENCE && ticker.read() - begun > LONG_SILENCE) {
        source.suspect();
      }
      throw e;
    } catch (BackendFailure e) {
      handBack(borrowed, source, session, Trouble.TRANSIENT);
      throw e;
    } catch (RuntimeException | Error e) {
      source.discard(borrowed);
      throw e;
    }
  }

  /** What was done is done: a connection that dies now changes nothing of it. */
  private static void handBack(
      Connection connection, ConnectionSource source, @Nullable Session session, Trouble trouble) {
    boolean usable = session != null && !trouble.spoilsConnection();
    try {
      if (usable && session != null) {
        session.end();
      }
    } catch (SQLException e) {
      LOG.debug("A connection could not be put back as it was", e);
      usable = false;
    }
    if (!usable) {
      source.discard(connection);
    } else if (trouble == Trouble.READ_ONLY) {
      source.readOnly(connection);
    } else {
      source.giveBack(connection);
    }
  }

  /** What is spoken at the other end of this connection. */
  Dialect dialect(Connection connection, ConnectionSource source) throws SQLException {
    return tableAt(connection, source).dialect();
  }

  private LockTable tableAt(Connection connection, ConnectionSource source) throws SQLException {
    LockTable known = table;
    if (known == null) {
      known = new LockTable(Dialects.of(connection, source.opensSessions(), options.table()));
      table = known;
    }
    return known;
  }

  private String ddl() {
    LockTable known = table;
    return known == null ? "" : known.dialect().ddl();
  }
}
