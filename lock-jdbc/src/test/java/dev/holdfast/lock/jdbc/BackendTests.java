package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.testkit.Await;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Nested;

/** What holds on every database, asked as an engine asks. */
abstract class BackendTests {

  static final Duration LONG = Duration.ofSeconds(20);

  /** Where the database is, with user and password. */
  abstract String url();

  /** How often a race is run. */
  int rounds() {
    return 100;
  }

  /** Until somebody is likely to wait for a row lock; databases that can tell override it. */
  void awaitRowWaiter(Database database) {
    long start = System.nanoTime();
    Await.until("a waiter", LONG, () -> System.nanoTime() - start > 200_000_000L);
  }

  static Granted untilGranted(Node node, Claim claim) {
    return Await.value(
        "a grant",
        LONG,
        () ->
            node.claim(claim) instanceof Granted granted ? Optional.of(granted) : Optional.empty());
  }

  @Nested
  final class Claims extends ClaimTests {
    @Override
    BackendTests where() {
      return BackendTests.this;
    }
  }

  @Nested
  final class Releases extends ReleaseTests {
    @Override
    BackendTests where() {
      return BackendTests.this;
    }
  }

  @Nested
  final class Renewals extends RenewalTests {
    @Override
    BackendTests where() {
      return BackendTests.this;
    }
  }

  @Nested
  final class Rows extends RowTests {
    @Override
    BackendTests where() {
      return BackendTests.this;
    }
  }

  @Nested
  final class LentConnections extends LentConnectionTests {
    @Override
    BackendTests where() {
      return BackendTests.this;
    }
  }
}
