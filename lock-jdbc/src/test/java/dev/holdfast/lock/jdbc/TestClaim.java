package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.Claim;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A claim without an engine. */
final class TestClaim implements Claim {

  private static final AtomicLong NUMBER = new AtomicLong(System.nanoTime());

  private final String id = "c-" + Long.toString(NUMBER.incrementAndGet(), 36);
  private final String name;
  private final Duration lease;
  private final Duration patience;
  private volatile Object attachment;

  TestClaim(String name, Duration lease, Duration patience) {
    this.name = name;
    this.lease = lease;
    this.patience = patience;
  }

  static TestClaim of(String name) {
    return new TestClaim(name, Duration.ofSeconds(15), Duration.ofSeconds(5));
  }

  static TestClaim of(String name, Duration lease) {
    return new TestClaim(name, lease, Duration.ofSeconds(5));
  }

  TestClaim withPatience(Duration value) {
    return new TestClaim(name, lease, value);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Duration lease() {
    return lease;
  }

  @Override
  public String description() {
    return "host/1";
  }

  @Override
  public boolean queue() {
    return true;
  }

  @Override
  public Duration patience() {
    return patience;
  }

  @Override
  public Object attachment() {
    return attachment;
  }

  @Override
  public void attach(Object value) {
    attachment = value;
  }

  @Override
  public String toString() {
    return name + "/" + id;
  }
}
