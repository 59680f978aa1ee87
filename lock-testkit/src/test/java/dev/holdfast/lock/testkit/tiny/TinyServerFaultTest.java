package dev.holdfast.lock.testkit.tiny;

import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.contract.ServerFaultContract;

class TinyServerFaultTest extends ServerFaultContract {

  @Override
  protected ServerControl openControl() throws Exception {
    return new TinyControl();
  }
}
