package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.contract.ServerFaultContract;

/** A real Pulsar, under the fault contract. */
class PulsarServerFaultTest extends ServerFaultContract {

  @Override
  protected ServerControl openControl() {
    return PulsarControl.launch();
  }
}
