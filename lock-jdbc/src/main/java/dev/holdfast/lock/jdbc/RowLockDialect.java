package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.Claim;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The form that every database with row locks understands: lock the row with SELECT ... FOR UPDATE,
 * read it together with the database's clock, decide here, write, commit. The lock lasts for that
 * transaction only, never for the hold.
 *
 * <p>The clock may stand still within a transaction (H2), or have been read before the wait for the
 * row. Both are safe: it is never earlier than S, as the transaction begins after S, and a clock
 * that is behind calls fewer rows stale.
 */
abstract class RowLockDialect extends Dialect {

  RowLockDialect(String table) {
    super(table);
  }

  /** The vendor's clock, in microseconds where it has them. */
  abstract String now();

  /** What follows FOR UPDATE to wait no longer than this. */
  abstract String waitAtMost(Duration lockWait);

  @Override
  final boolean transactional() {
    return true;
  }

  @Override
  final int isolation() {
    return Connection.TRANSACTION_READ_COMMITTED;
  }

  @Override
  boolean liftsReadOnly() {
    return false;
  }

  /** Looks before it locks: a holder must never wait for the locks of those who ask in vain. */
  @Override
  final OptionalLong take(Connection connection, Claim claim, Duration lockWait)
      throws SQLException {
    if (look(connection, claim.name()).filter(row -> row.isGrantableTo(claim)).isEmpty()) {
      return OptionalLong.empty();
    }
    return give(connection, claim, lockWait, row -> row.isGrantableTo(claim));
  }

  @Override
  final OptionalLong pass(Connection connection, Claim from, Claim to, Duration lockWait)
      throws SQLException {
    return give(connection, to, lockWait, row -> row.isOf(from) && row.enabled());
  }

  private OptionalLong give(
      Connection connection, Claim claim, Duration lockWait, Predicate<Row> condition)
      throws SQLException {
    Optional<Row> row = lock(connection, claim.name(), lockWait).filter(condition);
    if (row.isEmpty()) {
      return OptionalLong.empty();
    }
    long token = row.get().isOf(claim) ? row.get().token() : row.get().nextToken();
    Jdbc.update(
        connection,
        "UPDATE "
            + table
            + " SET claim_id = ?, holder = ?, start_time = "
            + now()
            + ", lease_ms = ?, token = ? WHERE name = ?",
        claim.id(),
        Texts.holder(claim),
        leaseMillis(claim),
        token,
        claim.name());
    return OptionalLong.of(token);
  }

  /** Of those who insert at once, one succeeds; the others violate the primary key. */
  @Override
  OptionalLong create(Connection connection, Claim claim, Duration lockWait) throws SQLException {
    try {
      Jdbc.update(
          connection,
          "INSERT INTO "
              + table
              + " (name, claim_id, holder, start_time, lease_ms, token) VALUES (?, ?, ?, "
              + now()
              + ", ?, "
              + micros(now())
              + ")",
          claim.name(),
          claim.id(),
          Texts.holder(claim),
          leaseMillis(claim));
    } catch (SQLException e) {
      if (Trouble.isDuplicateKey(e)) {
        return OptionalLong.empty();
      }
      throw e;
    }
    return look(connection, claim.name()).stream().mapToLong(Row::token).findFirst();
  }

  @Override
  final boolean release(Connection connection, Claim claim, Duration lockWait) throws SQLException {
    return lock(connection, claim.name(), lockWait).filter(row -> row.isOf(claim)).isPresent()
        && Jdbc.update(
                connection,
                "UPDATE " + table + " SET claim_id = NULL, holder = NULL WHERE name = ?",
                claim.name())
            > 0;
  }

  @Override
  Map<String, Duration> renew(Connection connection, List<? extends Claim> claims)
      throws SQLException {
    List<Row> rows =
        Jdbc.all(
            connection,
            "SELECT "
                + rowColumns(now())
                + " FROM "
                + table
                + " WHERE name = ANY(?) AND claim_id = ANY(?) FOR UPDATE SKIP LOCKED",
            Dialect::row,
            Texts.names(claims),
            Texts.ids(claims));
    String[] names = rows.stream().map(Row::name).toArray(String[]::new);
    Jdbc.update(
        connection,
        "UPDATE " + table + " SET start_time = " + now() + " WHERE name = ANY(?)",
        (Object) names);
    return rows.stream().collect(Collectors.toMap(row -> "" + row.claimId(), Row::lease));
  }

  @Override
  final Optional<Duration> renewOne(Connection connection, Claim claim, Duration lockWait)
      throws SQLException {
    Optional<Row> row = lock(connection, claim.name(), lockWait).filter(r -> r.isOf(claim));
    if (row.isPresent()) {
      Jdbc.update(
          connection,
          "UPDATE " + table + " SET start_time = " + now() + " WHERE name = ?",
          claim.name());
    }
    return row.map(Row::lease);
  }

  @Override
  final boolean write(Connection connection, Claim claim, String record, Duration lockWait)
      throws SQLException {
    return lock(connection, claim.name(), lockWait)
            .filter(row -> row.isOf(claim) && !row.isFree())
            .isPresent()
        && Jdbc.update(
                connection,
                "UPDATE " + table + " SET record = ? WHERE name = ?",
                record,
                claim.name())
            > 0;
  }

  @Override
  final void setEnabled(Connection connection, String name, boolean enabled, Duration lockWait)
      throws SQLException {
    if (lock(connection, name, lockWait).isPresent()) {
      Jdbc.update(connection, "UPDATE " + table + " SET enabled = ? WHERE name = ?", enabled, name);
    } else if (!enabled) {
      Jdbc.update(connection, "INSERT INTO " + table + " (name, enabled) VALUES (?, false)", name);
    }
  }

  @Override
  int purge(Connection connection, Duration idle, int limit) throws SQLException {
    List<String> names =
        Jdbc.all(
            connection,
            "SELECT name FROM "
                + table
                + " WHERE enabled AND record IS NULL AND "
                + micros("start_time")
                + " + lease_ms * 1000 < "
                + micros(now())
                + " - ? AND token < "
                + micros(now())
                + " FETCH FIRST "
                + limit
                + " ROWS ONLY FOR UPDATE SKIP LOCKED",
            results -> results.getString(1),
            idle.toMillis() * 1_000);
    return Jdbc.update(
        connection,
        "DELETE FROM " + table + " WHERE name = ANY(?)",
        (Object) names.toArray(String[]::new));
  }

  @Override
  final Optional<Row> look(Connection connection, String name) throws SQLException {
    return Jdbc.first(connection, select(), Dialect::row, name);
  }

  private Optional<Row> lock(Connection connection, String name, Duration lockWait)
      throws SQLException {
    return Jdbc.first(
        connection, select() + " FOR UPDATE " + waitAtMost(lockWait), Dialect::row, name);
  }

  private String select() {
    return "SELECT " + rowColumns(now()) + " FROM " + table + " WHERE name = ?";
  }
}
