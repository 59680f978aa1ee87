package dev.holdfast.lock.jdbc;

import java.time.Duration;
import java.util.Optional;

/**
 * How locks are kept in a database. The defaults are safe without reading.
 *
 * <p>In a URL the same settings are parameters that start with {@code holdfast.}, beside those of
 * the driver, which never sees them: {@code
 * jdbc:postgresql://db/app?user=app&holdfast.createSchema=true&holdfast.table=ops.locks}.
 *
 * @param table the table, optionally with its schema: plain identifiers, not quoted. Default {@code
 *     holdfast_lock}. All clients that compete must name the same one
 * @param createSchema whether a missing table is created at first use. Default: true on H2, false
 *     elsewhere, where an application seldom has the right to; the error then holds the statement
 *     to run
 * @param poolSize the most connections of the pool that is opened for a URL, 1 to 1,000; a call
 *     uses one for about a millisecond. One more is opened for renewals. Default 10. A {@code
 *     DataSource} keeps its own size
 * @param reserveConnection whether one connection is kept for renewals while locks are held, so
 *     that work which uses up the pool cannot delay them. From a lent {@code DataSource} it is
 *     taken only when that has another one to give at that moment, and given back soon after the
 *     last release. Default true
 * @param listen whether one connection listens for releases while somebody waits, so that waiters
 *     are woken; on PostgreSQL, and where no pooler swallows the notifications. From a lent {@code
 *     DataSource} it is taken only when that has another one to give at that moment. Without it
 *     waiters poll. Default true
 * @param purgeIdleAfter after which the row of a name that nobody holds, that is switched on and
 *     has no record is deleted. Shorter keeps the table smaller where names are used once. Longer
 *     lets fencing tokens survive a larger step back of the database's clock. Default 1 day
 */
public record JdbcLockOptions(
    String table,
    Optional<Boolean> createSchema,
    int poolSize,
    boolean reserveConnection,
    boolean listen,
    Duration purgeIdleAfter) {

  /**
   * Refuses what cannot work.
   *
   * @throws IllegalArgumentException if the table is no plain identifier, the pool size out of
   *     range or the age of idle rows not positive
   */
  public JdbcLockOptions {
    TableName.checked(table);
    if (poolSize < 1 || poolSize > 1_000) {
      throw new IllegalArgumentException("poolSize must be 1 to 1000: " + poolSize);
    }
    if (purgeIdleAfter.compareTo(Duration.ofMillis(1)) < 0
        || purgeIdleAfter.compareTo(Duration.ofDays(36_525)) > 0) {
      throw new IllegalArgumentException(
          "purgeIdleAfter must be 1 ms to 100 years: " + purgeIdleAfter);
    }
  }

  /** Everything at its default. */
  public static JdbcLockOptions defaults() {
    return builder().build();
  }

  /** A builder with everything at its default. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder with everything as it is here. */
  Builder change() {
    Builder builder = builder();
    builder.table = table;
    builder.createSchema = createSchema;
    builder.poolSize = poolSize;
    builder.reserveConnection = reserveConnection;
    builder.listen = listen;
    builder.purgeIdleAfter = purgeIdleAfter;
    return builder;
  }

  /** Sets what a {@link JdbcLockOptions} holds. Not thread-safe. */
  public static final class Builder {

    private String table = "holdfast_lock";
    private Optional<Boolean> createSchema = Optional.empty();
    private int poolSize = 10;
    private boolean reserveConnection = true;
    private boolean listen = true;
    private Duration purgeIdleAfter = Duration.ofDays(1);

    private Builder() {}

    /** See {@link JdbcLockOptions#table()}. */
    public Builder table(String value) {
      table = value;
      return this;
    }

    /** See {@link JdbcLockOptions#createSchema()}. */
    public Builder createSchema(boolean value) {
      createSchema = Optional.of(value);
      return this;
    }

    /** See {@link JdbcLockOptions#poolSize()}. */
    public Builder poolSize(int value) {
      poolSize = value;
      return this;
    }

    /** See {@link JdbcLockOptions#reserveConnection()}. */
    public Builder reserveConnection(boolean value) {
      reserveConnection = value;
      return this;
    }

    /** See {@link JdbcLockOptions#listen()}. */
    public Builder listen(boolean value) {
      listen = value;
      return this;
    }

    /** See {@link JdbcLockOptions#purgeIdleAfter()}. */
    public Builder purgeIdleAfter(Duration value) {
      purgeIdleAfter = value;
      return this;
    }

    /**
     * The options as set so far.
     *
     * @throws IllegalArgumentException if one of them cannot work
     */
    public JdbcLockOptions build() {
      return new JdbcLockOptions(
          table, createSchema, poolSize, reserveConnection, listen, purgeIdleAfter);
    }
  }
}
