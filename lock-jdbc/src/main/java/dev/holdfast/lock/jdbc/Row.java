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
 * @param waiter the client that is to be woken by the release; null if none is
 * @param waiterUntilMicros until when
 */
record Row(
    String name,
    boolean enabled,
    @Nullable String claimId,
    @Nullable String holder,
    long startMicros,
    long leaseMillis,
    long token,
    long nowMicros,
    @Nullable String waiter,
    long waiterUntilMicros) {

  /** A row that was made for a claim just now; its clock was not read, and stands at zero. */
  static Row madeFor(Claim claim, long token) {
    long lease = LockTable.leaseMillis(claim);
    return new Row(claim.name(), true, claim.id(), null, 0, lease, token, 0, null, 0);
  }

  boolean isOf(Claim claim) {
    return claim.id().equals(claimId);
  }

  /** Free, or its lease has run out by the database's clock. */
  boolean isFree() {
    return claimId == null || remaining().isZero();
  }

  boolean isGrantableTo(Claim claim) {
    return isOf(claim) || (enabled && isFree() && keptFrom(claim).isZero());
  }

  /** How long a client that was woken has the first word, before others that wait. */
  Duration keptFrom(Claim claim) {
    boolean kept = claimId == null && claim.queue() && !isWaiter(claim);
    return kept ? waiterRemaining() : Duration.ZERO;
  }

  private boolean isWaiter(Claim claim) {
    return waiter != null && claim.id().startsWith(waiter + "-");
  }

  /** For how long somebody's entry as the one to be woken counts. */
  Duration waiterRemaining() {
    return waiter == null ? Duration.ZERO : positive(waiterUntilMicros - nowMicros);
  }

  /** For how long the present holder has had it, as far as the clock can tell. */
  Duration heldFor() {
    return isFree() ? Duration.ZERO : positive(nowMicros - token);
  }

  Duration remaining() {
    return positive(startMicros + leaseMillis * 1_000 - nowMicros);
  }

  private static Duration positive(long micros) {
    return Duration.ofNanos(Math.max(0, micros) * 1_000);
  }

  /** Who holds it; a token also tells when it was granted, for people and for polling. */
  Optional<LockHolder> asHolder() {
    if (isFree()) {
      return Optional.empty();
    }
    return Optional.of(
        new LockHolder(
            holder == null ? "unknown" : holder,
            OptionalLong.of(token),
            Optional.of(heldFor()),
            Optional.of(remaining())));
  }
}
