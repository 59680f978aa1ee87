package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.testkit.contract.NetworkFaultContract;
import dev.holdfast.lock.testkit.contract.ServerControl;

/** A real server, under the fault contract. */
class ZooKeeperNetworkFaultTest extends NetworkFaultContract {

  @Override
  protected ServerControl openControl() {
    return ZooKeeperControl.alone();
  }
}
