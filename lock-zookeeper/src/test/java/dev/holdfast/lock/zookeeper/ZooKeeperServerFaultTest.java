package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.contract.ServerFaultContract;

/** A real server, under the fault contract. */
class ZooKeeperServerFaultTest extends ServerFaultContract {

  @Override
  protected ServerControl openControl() {
    return ZooKeeperControl.alone();
  }
}
