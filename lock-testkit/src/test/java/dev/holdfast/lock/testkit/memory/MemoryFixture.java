package dev.holdfast.lock.testkit.memory;

import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.fault.Fault;
import dev.holdfast.lock.testkit.fault.Faults;
import dev.holdfast.lock.testkit.fault.Operation;
import dev.holdfast.lock.testkit.memory.MemoryStore.Mode;
import java.time.Duration;
import java.util.OptionalLong;

/** A store in memory for the contract. */
public final class MemoryFixture implements LockFixture {

  private final MemoryStore store;
  private final Faults network = new Faults();

  /** The store itself. */
  public MemoryStore store() {
    return store;
  }

  public MemoryFixture(Mode mode) {
    this.store = MemoryStore.create(mode);
  }

  @Override
  public LockBackendFactory connect() {
    return network.wrap(MemoryLocks.over(store));
  }

  @Override
  public void deleteRecord(String name) {
    store.revoke(name);
  }

  @Override
  public Duration lease() {
    return Duration.ofMillis(1500);
  }

  @Override
  public OptionalLong residue() {
    return OptionalLong.of(store.residue());
  }

  @Override
  public OptionalLong operations() {
    return OptionalLong.of(store.operations());
  }

  @Override
  public boolean delayReplies(Duration by) {
    for (Operation operation : Operation.values()) {
      network.always(operation, Fault.delayTheReply(by));
    }
    return true;
  }
}
