package dev.holdfast.lock.internal;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.Claim;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A claim, as small as it can be: ten thousand of them may be held.
 *
 * <p>It is also its link in the bag of its renewal group.
 */
final class EngineClaim extends Bag.Link implements Claim {

  /** Whose claim this is: the acquisition's until it is granted, the hold's from then on. */
  sealed interface Owner permits Acquisition, Hold {

    /** Nanoseconds that the present call to the store may take. */
    long patience();

    /** See {@link dev.holdfast.lock.spi.HoldSink#renewed}. */
    void renewed(Duration validFor, long asOf);

    /** See {@link dev.holdfast.lock.spi.HoldSink#gone}; of this claim, not of one before it. */
    void gone(EngineClaim claim, LossReason reason);
  }

  final NamedLock lock;
  private final long number;
  private final boolean queue;
  private volatile @Nullable Object attachment;
  volatile Owner owner;

  EngineClaim(NamedLock lock, boolean queue, Owner owner) {
    this.lock = lock;
    this.number = lock.engine.nextClaimNumber();
    this.queue = queue;
    this.owner = owner;
  }

  @Override
  int spread() {
    return (int) number;
  }

  @Override
  public String id() {
    return lock.engine.clientId() + '-' + Long.toString(number, Character.MAX_RADIX);
  }

  @Override
  public String name() {
    return lock.storeName;
  }

  @Override
  public Duration lease() {
    return lock.timing.lease();
  }

  @Override
  public String description() {
    return lock.engine.description;
  }

  @Override
  public boolean queue() {
    return queue;
  }

  @Override
  public Duration patience() {
    return Duration.ofNanos(owner.patience());
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
    return "claim " + id() + " on '" + name() + "'";
  }
}
