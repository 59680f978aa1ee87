package dev.holdfast.lock.testkit.memory;

import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.contract.ServerFaultContract;
import dev.holdfast.lock.testkit.memory.MemoryStore.Mode;

class MemoryServerFaultTest extends ServerFaultContract {

  @Override
  protected ServerControl openControl() {
    return new MemoryControl(Mode.QUEUE);
  }
}
