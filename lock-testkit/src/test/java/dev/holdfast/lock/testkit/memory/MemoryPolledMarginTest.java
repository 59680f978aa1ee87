package dev.holdfast.lock.testkit.memory;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.MarginContract;
import dev.holdfast.lock.testkit.memory.MemoryStore.Mode;

class MemoryPolledMarginTest extends MarginContract {

  @Override
  protected LockFixture openFixture() {
    return new MemoryFixture(Mode.POLLED);
  }
}
