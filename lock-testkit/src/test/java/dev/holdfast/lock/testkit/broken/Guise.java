package dev.holdfast.lock.testkit.broken;

import dev.holdfast.lock.spi.Claim;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A claim under another id, name, or intention. */
class Guise implements Claim {

  final Claim claim;

  Guise(Claim claim) {
    this.claim = claim;
  }

  @Override
  public String id() {
    return claim.id();
  }

  @Override
  public String name() {
    return claim.name();
  }

  @Override
  public Duration lease() {
    return claim.lease();
  }

  @Override
  public String description() {
    return claim.description();
  }

  @Override
  public boolean queue() {
    return claim.queue();
  }

  @Override
  public Duration patience() {
    return claim.patience();
  }

  @Override
  public @Nullable Object attachment() {
    return claim.attachment();
  }

  @Override
  public void attach(@Nullable Object attachment) {
    claim.attach(attachment);
  }
}
