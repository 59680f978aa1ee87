package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Says in one line whether the contract is run on a database that is not started here. */
class OtherDatabasesTest {

  @Test
  @EnabledIfEnvironmentVariable(
      named = "HOLDFAST_TEST_JDBC",
      matches = "jdbc:.+",
      disabledReason =
          "MySQL, Oracle and SQL Server: set HOLDFAST_TEST_JDBC to a URL with user and password"
              + " (CONTRIBUTING.md)")
  void databaseGiven_isOneThatLocksAreKnownFor() throws Exception {
    try (Database database = Database.at(System.getenv("HOLDFAST_TEST_JDBC"));
        LockClient client = LockClient.over(JdbcLocks.at(database.url(), database.options()))) {
      assertThat(client.lock("n").tryAcquire()).isPresent();
      assertThat(client.capabilities().backend()).startsWith("jdbc:");
    }
  }
}
