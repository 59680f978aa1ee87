package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Two clients of one database: one over a pool of its own, one over lent connections. */
abstract class DatabaseTests {

  static final Duration LONG = BackendTests.LONG;
  static final Duration SHORT_LEASE = Duration.ofMillis(600);

  Database database;
  Node a;
  Node b;

  abstract BackendTests where();

  @BeforeEach
  void open() {
    database = Database.at(where().url());
    a = database.node();
    b = database.lent();
  }

  @AfterEach
  void close() {
    a.close();
    b.close();
    database.close();
  }

  static Granted untilGranted(Node node, Claim claim) {
    return BackendTests.untilGranted(node, claim);
  }
}
