package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Any database that this machine can reach, under the contract: how MySQL, Oracle and SQL Server
 * are to be tried. See CONTRIBUTING.md.
 */
@EnabledIfEnvironmentVariable(named = "HOLDFAST_TEST_JDBC", matches = "jdbc:.+")
class AnyDatabaseLockTest extends LockContract {

  @Override
  protected LockFixture openFixture() {
    return Fixtures.at(System.getenv("HOLDFAST_TEST_JDBC"));
  }
}
