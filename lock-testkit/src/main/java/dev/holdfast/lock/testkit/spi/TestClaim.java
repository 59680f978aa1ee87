package dev.holdfast.lock.testkit.spi;

import dev.holdfast.lock.spi.Claim;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A claim without an engine: one that waits, with an id of its own, unless it says otherwise.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class TestClaim implements Claim {

  private static final AtomicLong NUMBER = new AtomicLong(System.nanoTime());

  private final Terms terms;
  private volatile @Nullable Object attachment;

  /** All that a claim never changes. */
  private record Terms(
      String id,
      String name,
      Duration lease,
      Duration patience,
      String description,
      boolean queue) {}

  private TestClaim(Terms terms) {
    this.terms = terms;
  }

  /** A claim with a lease of 15 s and a patience of 5 s. */
  public static TestClaim of(String name) {
    return of(name, Duration.ofSeconds(15));
  }

  /** A claim with this lease and a patience of 5 s. */
  public static TestClaim of(String name, Duration lease) {
    String id = "c-" + Long.toString(NUMBER.incrementAndGet(), 36);
    return new TestClaim(new Terms(id, name, lease, Duration.ofSeconds(5), "host/1", true));
  }

  /** The {@code number}-th claim of a client, with a patience of 200 ms. */
  static TestClaim of(String name, Duration lease, String client, int number) {
    String id = client + "-" + number;
    return new TestClaim(new Terms(id, name, lease, Duration.ofMillis(200), client, true));
  }

  /** The same claim, unattached, with this patience. */
  public TestClaim withPatience(Duration value) {
    return new TestClaim(
        new Terms(terms.id, terms.name, terms.lease, value, terms.description, terms.queue));
  }

  /** The same claim, unattached, of one who asks only once. */
  public TestClaim withoutQueue() {
    return new TestClaim(
        new Terms(terms.id, terms.name, terms.lease, terms.patience, terms.description, false));
  }

  @Override
  public String id() {
    return terms.id;
  }

  @Override
  public String name() {
    return terms.name;
  }

  @Override
  public Duration lease() {
    return terms.lease;
  }

  @Override
  public String description() {
    return terms.description;
  }

  @Override
  public boolean queue() {
    return terms.queue;
  }

  @Override
  public Duration patience() {
    return terms.patience;
  }

  @Override
  public @Nullable Object attachment() {
    return attachment;
  }

  @Override
  public void attach(@Nullable Object value) {
    attachment = value;
  }

  @Override
  public String toString() {
    return terms.name + "/" + terms.id;
  }
}
