package dev.holdfast.lock.etcd;

import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.contract.ServerFaultContract;

/** The leader of three etcds, on whom the holders rely, and waiters at the others. */
class EtcdMemberFaultTest extends ServerFaultContract {

  @Override
  protected ServerControl openControl() throws Exception {
    return new EtcdMemberControl();
  }
}
