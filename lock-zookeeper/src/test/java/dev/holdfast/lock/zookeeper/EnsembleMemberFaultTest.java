package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.contract.ServerFaultContract;

/** A follower of three servers, on whom the holders rely, and waiters at the others. */
class EnsembleMemberFaultTest extends ServerFaultContract {

  @Override
  protected ServerControl openControl() {
    return new EnsembleMemberControl();
  }
}
