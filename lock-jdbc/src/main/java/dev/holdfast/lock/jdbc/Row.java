package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.spi.Claim;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A lock's row as one statement read it, with the database's clock at that moment.
 *
 * @param claimId whose it is; null if free
 * @param startMicros when its lease was last started, in microseconds since 1970
 * @param nowMicros what the database's clock said
 */
record Row(
    String name,
    boolean enabled,
    @Nullable String claimId,
    @Nullable String holder,
    long startMicros,
    long leaseMillis,
    long token,
    long nowMicros) {

  boolean isOf(Claim claim) {
    return claim.id().equals(claimId);
  }

  /** Free, or its lease has run out by the database's clock. */
  boolean isFree() {
    return claimId == null || remaining().isZero();
  }

  boolean isGrantableTo(Claim claim) {
    return isOf(claim) || (enabled && isFree());
  }

  Duration remaining() {
    long micros = startMicros + leaseMillis * 1_000 - nowMicros;
    return Duration.ofNanos(Math.max(0, micros) * 1_000);
  }

  /** Who holds it; a token also tells when it was granted, for people and for polling. */
  Optional<LockHolder> asHolder() {
    if (isFree()) {
      return Optional.empty();
    }
    Duration heldFor = Duration.ofNanos(Math.max(0, nowMicros - token) * 1_000);
    return Optional.of(
        new LockHolder(
            holder == null ? "unknown" : holder,
            OptionalLong.of(token),
            Optional.of(heldFor),
            Optional.of(remaining())));
  }
}
