package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.contract.ServerFaultContract;

/** A real server, under the fault contract. */
class RedisServerFaultTest extends ServerFaultContract {

  @Override
  protected ServerControl openControl() {
    return RedisControl.withReplicaAndClock();
  }
}
