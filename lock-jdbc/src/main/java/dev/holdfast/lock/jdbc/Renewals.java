package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews all claims of a client in one statement, without waiting for any row.
 *
 * <p>A row that somebody else keeps locked is skipped, and tried singly after all others have been
 * answered. A row that is not the claim's, by the word of the database, is told as gone. Everything
 * else is silence, and the next round follows.
 *
 * <p>A round may take half a lease, longer than the time to the next one: a slow database is better
 * than none. The next round meanwhile takes another connection, so a silent network costs the
 * rounds that fall into it and no more.
 */
final class Renewals {

  private static final Logger LOG = LoggerFactory.getLogger(Renewals.class);

  private static final int MOST_CONTENDED = 3;

  /** Renewals further apart find a connection in time, and firewalls cut idle ones. */
  private static final Duration LONGEST_KEPT = Duration.ofMinutes(1);

  private static final Duration LEAST_WAIT = Duration.ofMillis(20);

  private final Calls calls;
  private final ReservedConnection reserved;
  private final ConnectionSource source;
  private final BackendContext context;

  /**
   * Renews over {@code source}.
   *
   * @param reserved is told when it was used last
   */
  Renewals(
      Calls calls, ConnectionSource source, ReservedConnection reserved, BackendContext context) {
    this.calls = calls;
    this.source = source;
    this.reserved = reserved;
    this.context = context;
  }

  /**
   * What the database said of a round.
   *
   * @param leases by claim id, those renewed
   * @param skipped the ids of those that hold their rows but were not renewed
   */
  private record Round(long asOf, Map<String, Duration> leases, Set<String> skipped) {}

  void renew(Collection<? extends Claim> claims) {
    if (claims.isEmpty()) {
      return;
    }
    List<Claim> all = List.copyOf(claims);
    Duration shortest = all.stream().map(Claim::lease).min(Duration::compareTo).orElseThrow();
    Deadline deadline = Deadline.in(context.ticker(), limit(shortest));
    reserved.releaseUnlessUsedWithin(Deadline.shorter(shortest, LONGEST_KEPT));
    round(all, deadline).ifPresent(round -> answer(all, round, deadline));
  }

  private Duration limit(Duration shortest) {
    return Deadline.shorter(shortest.dividedBy(2), context.options().operationTimeout());
  }

  private Optional<Round> round(List<Claim> claims, Deadline deadline) {
    for (int tries = 1; tries <= MOST_CONTENDED && !deadline.passed(); tries++) {
      try {
        return Optional.of(
            calls.call(
                source,
                deadline,
                (locks, connection, asOf) -> {
                  Map<String, Duration> leases = locks.renew(connection, claims);
                  List<Claim> missing = new ArrayList<>(claims);
                  missing.removeIf(claim -> leases.containsKey(claim.id()));
                  Set<String> skipped =
                      missing.isEmpty() ? Set.of() : locks.stillTheirs(connection, missing);
                  return new Round(asOf, leases, skipped);
                }));
      } catch (Contention e) {
        LOG.debug("A renewal of {} claims met contention", claims.size(), e);
      } catch (BackendFailure e) {
        LOG.debug("A renewal of {} claims failed; the next round follows", claims.size(), e);
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private void answer(List<Claim> claims, Round round, Deadline deadline) {
    List<Claim> stuck = new ArrayList<>();
    for (Claim claim : claims) {
      Duration lease = round.leases().get(claim.id());
      if (lease != null) {
        renewed(claim, lease, round.asOf());
      } else if (round.skipped().contains(claim.id())) {
        stuck.add(claim);
      } else {
        context.holds().gone(claim, LossReason.REVOKED);
      }
    }
    for (int i = 0; i < stuck.size() && !deadline.passed(); i++) {
      single(stuck.get(i), share(deadline, stuck.size() - i));
    }
  }

  /** Of those that are still to be tried, each has its part of the time that is left. */
  private Deadline share(Deadline deadline, int among) {
    Duration share = Duration.ofNanos(Math.max(0, deadline.nanos())).dividedBy(among);
    return Deadline.in(context.ticker(), share.compareTo(LEAST_WAIT) < 0 ? LEAST_WAIT : share);
  }

  /** An operator may have shortened the lease in the row: that is what counts there. */
  private void renewed(Claim claim, Duration stored, long asOf) {
    context.holds().renewed(claim, Deadline.shorter(stored, claim.lease()), asOf);
  }

  /** Behind the one who keeps the row locked; silence if that takes too long. */
  private void single(Claim claim, Deadline deadline) {
    try {
      Runnable answer =
          calls.insist(
              source,
              deadline,
              (locks, connection, asOf) ->
                  locks
                      .renewOne(connection, claim, deadline.lockWait())
                      .<Runnable>map(lease -> () -> renewed(claim, lease, asOf))
                      .orElse(() -> context.holds().gone(claim, LossReason.REVOKED)));
      answer.run();
    } catch (BackendFailure e) {
      LOG.debug("The renewal of {} failed; the next round follows", claim, e);
    }
  }
}
