package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** H2 in a process of its own, under the contract. */
class H2ServerLockTest extends LockContract {

  @Override
  protected LockFixture openFixture() {
    return Fixtures.h2Server();
  }
}
