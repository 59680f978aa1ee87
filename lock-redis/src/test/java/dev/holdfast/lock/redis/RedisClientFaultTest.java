package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.contract.ClientFaultContract;
import dev.holdfast.lock.testkit.contract.ServerControl;

/** A real server, under the fault contract. */
class RedisClientFaultTest extends ClientFaultContract {

  @Override
  protected ServerControl openControl() {
    return RedisControl.alone();
  }
}
