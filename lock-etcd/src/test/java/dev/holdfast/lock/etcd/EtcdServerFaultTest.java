package dev.holdfast.lock.etcd;

import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.contract.ServerFaultContract;
import dev.holdfast.lock.testkit.server.EtcdServer;

/** A real etcd, under the fault contract. */
class EtcdServerFaultTest extends ServerFaultContract {

  @Override
  protected ServerControl openControl() {
    return EtcdControl.of(EtcdServer.launch());
  }
}
