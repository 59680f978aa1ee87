package dev.holdfast.lock.testkit.memory;

import static java.util.concurrent.CompletableFuture.completedFuture;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.LockRecords;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The records and switches of a {@link MemoryStore}. */
final class MemoryRecords implements LockRecords {

  private final MemoryStore store;

  MemoryRecords(MemoryStore store) {
    this.store = store;
  }

  @Override
  public CompletionStage<Optional<String>> read(String name) {
    store.countOperation();
    return completedFuture(Optional.ofNullable(store.readRecord(name)));
  }

  @Override
  public CompletionStage<Boolean> write(Claim held, String record) {
    store.countOperation();
    return completedFuture(store.writeRecord(held.name(), held.id(), record));
  }

  @Override
  public CompletionStage<Void> setEnabled(String name, boolean enabled) {
    store.countOperation();
    store.setEnabled(name, enabled);
    return completedFuture(null);
  }
}
