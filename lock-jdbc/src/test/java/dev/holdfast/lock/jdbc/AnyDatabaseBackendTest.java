package dev.holdfast.lock.jdbc;

import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Any database that this machine can reach and that speaks the SQL of these tests: see {@link
 * AnyDatabaseLockTest}.
 */
@EnabledIfEnvironmentVariable(
    named = "HOLDFAST_TEST_JDBC",
    matches = "jdbc:(mysql|mariadb|postgresql|h2):.+")
class AnyDatabaseBackendTest extends BackendTests {

  @Override
  String url() {
    return System.getenv("HOLDFAST_TEST_JDBC");
  }
}
