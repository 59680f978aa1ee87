package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.testkit.contract.NetworkFaultContract;
import dev.holdfast.lock.testkit.contract.ServerControl;

/** A real Pulsar, under the fault contract. */
class PulsarNetworkFaultTest extends NetworkFaultContract {

  @Override
  protected ServerControl openControl() {
    return PulsarControl.launch();
  }
}
