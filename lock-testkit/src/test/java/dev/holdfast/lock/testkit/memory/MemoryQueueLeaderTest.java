package dev.holdfast.lock.testkit.memory;

import dev.holdfast.lock.testkit.contract.LeaderContract;
import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.memory.MemoryStore.Mode;

class MemoryQueueLeaderTest extends LeaderContract {

  @Override
  protected LockFixture openFixture() {
    return new MemoryFixture(Mode.QUEUE);
  }
}
