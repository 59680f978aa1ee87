package dev.holdfast.lock.testkit.tiny;

import dev.holdfast.lock.testkit.contract.ClientFaultContract;
import dev.holdfast.lock.testkit.contract.ServerControl;

class TinyClientFaultTest extends ClientFaultContract {

  @Override
  protected ServerControl openControl() throws Exception {
    return new TinyControl();
  }
}
