package dev.holdfast.lock.redis;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.redis.Call.Reply;
import dev.holdfast.lock.redis.Waiters.Place;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Refused;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend.HandOver;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What the answers of the scripts mean to one who claims or releases. */
final class Answers {

  /** A key expires when its time is over, not when it is reached. */
  private static final Duration AFTER_EXPIRY = Duration.ofMillis(2);

  private static final long HELD = 0;
  private static final long YOUNG = 2;

  private final Servers servers;
  private final Waiters waiters;
  private final Duration pollInterval;
  private final int replicas;

  Answers(Servers servers, Waiters waiters, Duration pollInterval, int replicas) {
    this.servers = servers;
    this.waiters = waiters;
    this.pollInterval = pollInterval;
    this.replicas = replicas;
  }

  static ReleaseOutcome released(Reply reply) {
    return reply.isYes() ? ReleaseOutcome.RELEASED : ReleaseOutcome.NOT_HELD;
  }

  /** Of a claim: a token, or a list that begins with what hinders it. */
  ClaimOutcome claimed(Claim claim, Reply reply) {
    if (reply.value() instanceof Long token) {
      return granted(claim, token, reply);
    }
    List<?> answer = (List<?>) reply.value();
    long hindered = (Long) answer.get(0);
    if (hindered == HELD) {
      return waiting(claim, answer, reply);
    }
    if (hindered == YOUNG) {
      return Waiting.poll(Duration.ofMillis((Long) answer.get(1)), Optional.empty());
    }
    waiters.leave(claim);
    return new Refused(
        "switched off; to switch it on: HDEL \"%s\" off"
            .formatted(RedisKeys.of(claim.name()).record()));
  }

  private ClaimOutcome granted(Claim claim, long token, Reply reply) {
    if (reply.replicas() < replicas) {
      throw BackendFailure.transientFailure(
          "%s: only %d of the %d replicas asked for (minReplicas) have confirmed"
              .formatted(servers.describe(), reply.replicas(), replicas),
          null);
    }
    waiters.leave(claim);
    return new Granted(token, claim.lease(), reply.asOf());
  }

  private ClaimOutcome waiting(Claim claim, List<?> answer, Reply reply) {
    long pttl = (Long) answer.get(1);
    boolean first = (Long) answer.get(4) == 1;
    Optional<LockHolder> holder =
        Optional.of(Holders.of((String) answer.get(2), (String) answer.get(3), pttl, 0));
    Duration remaining = pttl < 0 ? pollInterval : Duration.ofMillis(pttl).plus(AFTER_EXPIRY);
    Place place = Waiters.of(claim);
    if (place == null) {
      return Waiting.poll(remaining, holder);
    }
    return new Waiting(place.next(reply.asOf()), soon(first, remaining), holder);
  }

  /**
   * The first in the queue looks when the holder's time is over; the others need not, for whoever
   * looks serves the first that is alive. A message may be lost without anybody noticing: so all
   * ask once per poll interval.
   */
  private Duration soon(boolean first, Duration remaining) {
    return first && remaining.compareTo(pollInterval) < 0 ? remaining : pollInterval;
  }

  /**
   * Of a hand-over inside this client.
   *
   * @param released what became of the old claim
   * @param claimed what the new one got
   */
  record Handed(ReleaseOutcome released, ClaimOutcome claimed) {

    /** The one answer as the two that it stands for. */
    static HandOver both(CompletableFuture<Handed> answer) {
      return new HandOver(answer.thenApply(Handed::released), answer.thenApply(Handed::claimed));
    }
  }

  /** A token if the lock stayed in this client, else a list of both answers. */
  Handed handed(Claim to, Reply reply) {
    if (reply.value() instanceof Long) {
      return new Handed(ReleaseOutcome.RELEASED, claimed(to, reply));
    }
    List<?> both = (List<?>) reply.value();
    return new Handed(
        released(new Reply(both.get(0), reply.asOf(), 0)),
        claimed(to, new Reply(both.get(1), reply.asOf(), 0)));
  }
}
