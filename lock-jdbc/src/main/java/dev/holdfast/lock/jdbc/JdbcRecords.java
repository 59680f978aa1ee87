package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.LockRecords;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The record and the switch, in the lock's own row. */
final class JdbcRecords implements LockRecords {

  private final Calls calls;
  private final ConnectionSource pool;
  private final BackendContext context;

  JdbcRecords(Calls calls, ConnectionSource pool, BackendContext context) {
    this.calls = calls;
    this.pool = pool;
    this.context = context;
  }

  @Override
  public CompletionStage<Optional<String>> read(String name) {
    return insist((locks, connection, asOf) -> locks.record(connection, name));
  }

  @Override
  public CompletionStage<Boolean> write(Claim held, String record) {
    if (record.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "a record must have at most %d characters, not %d"
              .formatted(MAX_LENGTH, record.length()));
    }
    Texts.check("a record", record);
    Deadline deadline = deadline();
    return insist(
        (locks, connection, asOf) -> locks.write(connection, held, record, deadline.lockWait()));
  }

  @Override
  public CompletionStage<Void> setEnabled(String name, boolean enabled) {
    Deadline deadline = deadline();
    CompletionStage<Boolean> done =
        insist(
            (locks, connection, asOf) -> {
              locks.setEnabled(connection, name, enabled, deadline.lockWait());
              return true;
            });
    return done.thenAccept(ignored -> {});
  }

  private <T> CompletionStage<T> insist(Calls.Work<T> work) {
    return Answers.of(() -> calls.insist(pool, deadline(), work));
  }

  private Deadline deadline() {
    return Deadline.in(context.ticker(), context.options().operationTimeout());
  }
}
