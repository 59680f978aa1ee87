package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.MarginContract;

/** H2 in a process of its own, under the contract. */
class H2ServerMarginTest extends MarginContract {

  @Override
  protected LockFixture openFixture() {
    return Fixtures.h2Server();
  }
}
