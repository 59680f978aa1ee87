package dev.holdfast.lock.examples;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LockClient;
import java.sql.Connection;
import java.sql.Date;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * A job that a scheduler starts on every node, and of which one node does the work.
 *
 * <p>The lock keeps two nodes from working at the same time. It cannot know that the work of the
 * day was done, and the lock released, before the scheduler of a slow node fires: that is
 * remembered in the job's own database, in the same transaction as the work. The same statement
 * refuses a node that has lost the lock and does not know it yet, by its fencing token.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class ScheduledJob {

  private static final String TABLE =
      "CREATE TABLE IF NOT EXISTS job_run"
          + " (name VARCHAR(255) PRIMARY KEY, last_day DATE NOT NULL, token BIGINT NOT NULL)";

  private static final String REMEMBER =
      "UPDATE job_run SET last_day = ?, token = ? WHERE name = ? AND last_day < ? AND token < ?";

  private final DistributedLock lock;
  private final DataSource database;
  private final Work work;

  /** What came of a run on one node. */
  public enum Outcome {
    /** This node did the work. */
    DONE,
    /** Another node did it before. */
    DONE_BEFORE,
    /** Another node is at it. */
    BUSY_ELSEWHERE
  }

  /** The work of one day. */
  @FunctionalInterface
  public interface Work {

    /**
     * Does the work.
     *
     * @param transaction in which it is also remembered
     * @param day which day's
     * @throws SQLException if the database fails; the day is then not done
     * @throws InterruptedException when the lock is lost meanwhile
     */
    void run(Connection transaction, LocalDate day) throws SQLException, InterruptedException;
  }

  /**
   * A job as one node sees it.
   *
   * @param name the same on all nodes
   * @param locks the node's client
   * @param database the same on all nodes; see {@link #prepare}
   * @param work what to do
   */
  public ScheduledJob(String name, LockClient locks, DataSource database, Work work) {
    this.lock = locks.lock(name);
    this.database = database;
    this.work = work;
  }

  /**
   * Makes the job's row, once.
   *
   * @param database of the job
   * @param name of the job
   * @throws SQLException if the database fails, or the row is there
   */
  public static void prepare(DataSource database, String name) throws SQLException {
    try (Connection connection = database.getConnection();
        var table = connection.createStatement()) {
      table.execute(TABLE);
      try (var row = connection.prepareStatement("INSERT INTO job_run VALUES (?, ?, 0)")) {
        row.setString(1, name);
        row.setDate(2, Date.valueOf("1970-01-01"));
        row.executeUpdate();
      }
    }
  }

  /**
   * What the scheduler of every node calls.
   *
   * @param day whose work is to be done
   * @return what came of it here
   * @throws dev.holdfast.lock.LockLostException if the lock was lost on the way; nothing was done
   * @throws SQLException if the work failed; nothing was done
   * @throws InterruptedException if interrupted by somebody else
   */
  public Outcome run(LocalDate day) throws SQLException, InterruptedException {
    Optional<Outcome> outcome = lock.tryCall(held -> once(day, held.fencingToken()));
    return outcome.orElse(Outcome.BUSY_ELSEWHERE);
  }

  private Outcome once(LocalDate day, long token) throws SQLException, InterruptedException {
    try (Connection transaction = database.getConnection()) {
      transaction.setAutoCommit(false);
      try {
        if (!remember(transaction, day, token)) {
          return Outcome.DONE_BEFORE;
        }
        work.run(transaction, day);
        transaction.commit();
        return Outcome.DONE;
      } finally {
        transaction.rollback();
      }
    }
  }

  private boolean remember(Connection transaction, LocalDate day, long token) throws SQLException {
    try (var update = transaction.prepareStatement(REMEMBER)) {
      update.setDate(1, Date.valueOf(day));
      update.setLong(2, token);
      update.setString(3, lock.name());
      update.setDate(4, Date.valueOf(day));
      update.setLong(5, token);
      return update.executeUpdate() == 1;
    }
  }
}
