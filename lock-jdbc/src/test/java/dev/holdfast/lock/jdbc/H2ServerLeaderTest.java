package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LeaderContract;
import dev.holdfast.lock.testkit.contract.LockFixture;

/** H2 in a process of its own, under the contract. */
class H2ServerLeaderTest extends LeaderContract {

  @Override
  protected LockFixture openFixture() {
    return Fixtures.h2Server();
  }
}
