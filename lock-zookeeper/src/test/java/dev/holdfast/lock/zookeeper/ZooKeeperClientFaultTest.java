package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.testkit.contract.ClientFaultContract;
import dev.holdfast.lock.testkit.contract.ServerControl;

/** A real server, under the fault contract. */
class ZooKeeperClientFaultTest extends ClientFaultContract {

  @Override
  protected ServerControl openControl() {
    return ZooKeeperControl.alone();
  }
}
