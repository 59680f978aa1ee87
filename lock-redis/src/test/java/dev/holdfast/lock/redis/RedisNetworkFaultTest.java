package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.contract.NetworkFaultContract;
import dev.holdfast.lock.testkit.contract.ServerControl;

/** A real server, under the fault contract. */
class RedisNetworkFaultTest extends NetworkFaultContract {

  @Override
  protected ServerControl openControl() {
    return RedisControl.alone();
  }
}
