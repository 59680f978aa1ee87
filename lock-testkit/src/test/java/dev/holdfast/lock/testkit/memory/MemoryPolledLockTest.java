package dev.holdfast.lock.testkit.memory;

import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.memory.MemoryStore.Mode;

class MemoryPolledLockTest extends LockContract {

  @Override
  protected LockFixture openFixture() {
    return new MemoryFixture(Mode.POLLED);
  }
}
