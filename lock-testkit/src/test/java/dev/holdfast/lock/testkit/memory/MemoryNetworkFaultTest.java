package dev.holdfast.lock.testkit.memory;

import dev.holdfast.lock.testkit.contract.NetworkFaultContract;
import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.memory.MemoryStore.Mode;

class MemoryNetworkFaultTest extends NetworkFaultContract {

  @Override
  protected ServerControl openControl() {
    return new MemoryControl(Mode.QUEUE);
  }
}
