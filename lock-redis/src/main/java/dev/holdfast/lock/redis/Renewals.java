package dev.holdfast.lock.redis;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.redis.Call.Reply;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews all claims of a client: those held by one script, those that wait by another, up to 500 at
 * a time, in a cluster those of one slot. A part that fails is silence, and the next round follows.
 */
final class Renewals {

  private static final Logger LOG = LoggerFactory.getLogger(Renewals.class);

  /** Takes the server about a millisecond, in which it serves nobody else. */
  private static final int AT_ONCE = 500;

  private final Calls calls;
  private final Line line;
  private final Scripts scripts;
  private final Registration registration;
  private final Waiters waiters;
  private final boolean bySlot;
  private final Replicas replicas;
  private final BackendContext context;

  Renewals(
      Calls calls,
      Line line,
      Scripts scripts,
      Registration registration,
      Waiters waiters,
      boolean bySlot,
      Replicas replicas,
      BackendContext context) {
    this.calls = calls;
    this.line = line;
    this.scripts = scripts;
    this.registration = registration;
    this.waiters = waiters;
    this.bySlot = bySlot;
    this.replicas = replicas;
    this.context = context;
  }

  void renew(Collection<? extends Claim> claims) {
    List<Claim> held = new ArrayList<>(claims.size());
    List<Claim> waiting = new ArrayList<>();
    for (Claim claim : claims) {
      (Waiters.of(claim) == null ? held : waiting).add(claim);
    }
    inParts(held, this::keep);
    inParts(waiting, this::watch);
  }

  private void inParts(List<Claim> claims, Consumer<List<Claim>> renewal) {
    for (List<Claim> together : bySlot ? slots(claims) : List.of(claims)) {
      for (int from = 0; from < together.size(); from += AT_ONCE) {
        renewal.accept(together.subList(from, Math.min(from + AT_ONCE, together.size())));
      }
    }
  }

  private static Collection<List<Claim>> slots(List<Claim> claims) {
    Map<Integer, List<Claim>> slots = new LinkedHashMap<>();
    for (Claim claim : claims) {
      slots.computeIfAbsent(RedisKeys.slot(claim.name()), slot -> new ArrayList<>()).add(claim);
    }
    return slots.values();
  }

  private void keep(List<Claim> held) {
    String[] keys = new String[2 * held.size()];
    String[] args = new String[2 * held.size()];
    for (int i = 0; i < held.size(); i++) {
      Claim claim = held.get(i);
      System.arraycopy(RedisKeys.held(claim.name()), 0, keys, 2 * i, 2);
      args[2 * i] = claim.id();
      args[2 * i + 1] = Registration.lease(claim);
    }
    send(
        new Call<>(
            scripts.keep(),
            keys,
            sent -> args,
            reply -> kept(held, reply),
            replicas.wanted(),
            patience(held)),
        held);
  }

  private int kept(List<Claim> held, Reply reply) {
    String answers = (String) reply.value();
    for (int i = 0; i < held.size(); i++) {
      if (answers.charAt(i) == '0') {
        context.holds().gone(held.get(i), LossReason.REVOKED);
      } else if (reply.replicas() >= replicas.wanted()) {
        context.holds().renewed(held.get(i), held.get(i).lease(), reply.asOf());
      }
    }
    return held.size();
  }

  private void watch(List<Claim> waiting) {
    String[] keys =
        waiting.stream()
            .flatMap(claim -> Arrays.stream(RedisKeys.of(claim.name()).all()))
            .toArray(String[]::new);
    send(
        new Call<>(
            scripts.watch(),
            keys,
            sent -> registration.ofAll(waiting, sent),
            reply -> watched(waiting, reply),
            0,
            Duration.ZERO),
        waiting);
  }

  /**
   * Of a claim that waits only a grant is told as an answer about a lock. The rest may come after
   * the claim has asked anew over the other connection and has been granted its lock: "nothing of
   * it here" was said of the registration, and would be taken for the loss of that lock.
   */
  private int watched(List<Claim> waiting, Reply reply) {
    List<?> answers = (List<?>) reply.value();
    for (int i = 0; i < waiting.size(); i++) {
      Claim claim = waiting.get(i);
      long answer = (Long) answers.get(i);
      if (answer > 0) {
        context.holds().renewed(claim, claim.lease(), reply.asOf());
        waiters.granted(claim.id(), answer, reply.asOf());
      } else if (answer < 0) {
        Waiters.askAgain(claim);
      }
    }
    return waiting.size();
  }

  private Duration patience(List<Claim> claims) {
    return claims.stream().map(replicas::patience).min(Duration::compareTo).orElseThrow();
  }

  private void send(Call<Integer> call, List<Claim> claims) {
    var unused =
        calls
            .run(line, call)
            .whenComplete(
                (answered, failure) -> {
                  if (failure != null) {
                    LOG.debug(
                        "A renewal of {} claims failed; the next follows", claims.size(), failure);
                  }
                });
  }
}
