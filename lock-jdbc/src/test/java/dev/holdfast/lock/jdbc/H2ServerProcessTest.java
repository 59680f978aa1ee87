package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.ProcessContract;

/** H2 in a process of its own, under the contract. */
class H2ServerProcessTest extends ProcessContract {

  @Override
  protected LockFixture openFixture() {
    return Fixtures.h2Server();
  }
}
