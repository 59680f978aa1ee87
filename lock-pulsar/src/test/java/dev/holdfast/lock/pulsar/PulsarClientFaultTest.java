package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.testkit.contract.ClientFaultContract;
import dev.holdfast.lock.testkit.contract.ServerControl;

/** A real Pulsar, under the fault contract. */
class PulsarClientFaultTest extends ClientFaultContract {

  @Override
  protected ServerControl openControl() {
    return PulsarControl.launch();
  }
}
