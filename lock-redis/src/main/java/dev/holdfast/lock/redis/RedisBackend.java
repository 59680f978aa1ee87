package dev.holdfast.lock.redis;

import dev.holdfast.lock.redis.Answers.Handed;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockCapabilities.Fencing;
import dev.holdfast.lock.spi.LockCapabilities.LeaseClock;
import dev.holdfast.lock.spi.LockCapabilities.LeaseScope;
import dev.holdfast.lock.spi.LockRecords;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Locks as keys of Redis.
 *
 * <p><b>Why the name is not given away before S + validFor.</b> The key of a held lock goes away by
 * expiry or by its owner's release. A claim and a renewal set its expiry to one lease after the
 * moment at which the server runs them, and S is read before they are sent. A lock that the server
 * hands to a waiter expires with that waiter's registration: one lease after the moment at which
 * the server ran the last renewal of it; the message names the S that came with that very renewal,
 * however many others were answered or lost. So S + lease comes first in every case, as long as the
 * server's clock runs at the rate of ours and is not set, and nobody else deletes the key. Every
 * script compares the claim's id, which is new for every acquisition, before it touches the key, so
 * one that is late or comes twice does nothing to a successor.
 *
 * <p>A server that has lost its memory has no keys, while holders trust theirs: see {@link Script}.
 */
final class RedisBackend implements LockBackend {

  /** How long a connection may owe answers: below, a busy server would be taken for a dead one. */
  private static final Duration LEAST_SILENCE = Duration.ofSeconds(1);

  private static final Duration MOST_SILENCE = Duration.ofSeconds(3);

  private final BackendContext context;
  private final Servers servers;
  private final LockCapabilities capabilities;
  private final Replicas replicas;
  private final Scripts scripts;
  private final Calls calls;
  private final Line commands;
  private final Line claims;
  private final Line renewing;
  private final Waiters waiters;
  private final Answers answers;
  private final Registration registration;
  private final Pushes pushes;
  private final Renewals renewals;
  private final RedisRecords records;

  RedisBackend(Servers servers, RedisLockOptions options, BackendContext context) {
    this.servers = servers;
    this.context = context;
    this.replicas = new Replicas(options.minReplicas(), silence());
    this.capabilities = capabilities(servers.backend(), options);
    Duration maxLease = options.maxLease().orElse(context.options().lease());
    this.scripts = Scripts.of(maxLease);
    this.calls = new Calls(servers, context.ticker(), scripts.age(), maxLease);
    this.commands = line();
    // WAIT holds up all that comes behind it on its connection.
    this.claims = replicas.wanted() > 0 ? line() : commands;
    this.renewing = line();
    this.waiters = new Waiters(replicas.wanted() > 0);
    this.answers =
        new Answers(servers, waiters, context.options().pollInterval(), replicas.wanted());
    this.registration = new Registration(RedisKeys.channel(context.clientId()));
    this.pushes =
        new Pushes(
            servers,
            context,
            silence(),
            registration.channel(),
            waiters::granted,
            waiters::askAgain);
    this.renewals =
        new Renewals(
            calls,
            renewing,
            scripts,
            registration,
            waiters,
            servers.isCluster(),
            replicas,
            context);
    this.records = new RedisRecords(servers, calls, commands, scripts.write());
  }

  private static LockCapabilities capabilities(String backend, RedisLockOptions options) {
    Duration longest = options.maxLease().orElse(RedisLockOptions.LONGEST_LEASE);
    return LockCapabilities.of(backend)
        .withQueue()
        .withParticipants()
        .withLease(LeaseScope.LOCK, RedisLockOptions.SHORTEST_LEASE, longest, LeaseClock.WALL)
        .withFencing(Fencing.BEST_EFFORT);
  }

  private Line line() {
    return new Line(servers::connect, context.ticker(), silence());
  }

  private Duration silence() {
    Duration limit = context.options().operationTimeout();
    return limit.compareTo(LEAST_SILENCE) < 0
        ? LEAST_SILENCE
        : limit.compareTo(MOST_SILENCE) > 0 ? MOST_SILENCE : limit;
  }

  @Override
  public LockCapabilities capabilities() {
    return capabilities;
  }

  @Override
  public void checkName(String name) {
    RedisKeys.check(name);
  }

  /** Who may wait must be able to hear first, or the grant would be a message to nobody. */
  @Override
  public CompletionStage<ClaimOutcome> claim(Claim claim) {
    if (!claim.queue() || pushes.ready() != null) {
      return ask(claim);
    }
    CompletableFuture<ClaimOutcome> outcome = new CompletableFuture<>();
    var unused =
        pushes
            .link()
            .whenComplete(
                (link, failure) -> {
                  if (failure == null) {
                    Calls.pass(ask(claim), outcome);
                  } else {
                    outcome.completeExceptionally(Failures.connecting(servers, failure));
                  }
                });
    return outcome;
  }

  private CompletableFuture<ClaimOutcome> ask(Claim claim) {
    waiters.enter(claim);
    Call<ClaimOutcome> call =
        new Call<>(
            scripts.claim(),
            RedisKeys.of(claim.name()).all(),
            sent -> registration.of(claim, sent),
            reply -> answers.claimed(claim, reply),
            replicas.wanted(),
            replicas.patience(claim));
    return calls.run(claims, call);
  }

  /** One trip, where there is nobody to be asked first and nothing to be opened. */
  @Override
  public HandOver handOver(Claim from, Claim to) {
    if (replicas.wanted() > 0 || pushes.ready() == null) {
      return LockBackend.super.handOver(from, to);
    }
    waiters.leave(from);
    waiters.enter(to);
    Call<Handed> call =
        new Call<>(
            scripts.handOver(),
            RedisKeys.of(to.name()).all(),
            sent -> registration.ofHandOver(from, to, sent),
            reply -> answers.handed(to, reply),
            0,
            Duration.ZERO);
    return Handed.both(calls.run(commands, call));
  }

  @Override
  public void renew(Collection<? extends Claim> held) {
    if (!waiters.isEmpty()) {
      pushes.check();
    }
    renewals.renew(held);
  }

  @Override
  public CompletionStage<ReleaseOutcome> release(Claim claim) {
    waiters.leave(claim);
    return calls.run(
        commands,
        Call.of(
            scripts.release(),
            RedisKeys.of(claim.name()).all(),
            Answers::released,
            claim.id(),
            Registration.lease(claim)));
  }

  @Override
  public CompletionStage<LockView> inspect(String name) {
    return calls.run(
        commands,
        Call.of(
            scripts.inspect(),
            RedisKeys.of(name).all(),
            reply -> Holders.view((List<?>) reply.value())));
  }

  @Override
  public Optional<LockRecords> records() {
    return Optional.of(records);
  }

  @Override
  public CompletionStage<Void> close(Duration limit) {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    var timeout =
        context.timer().schedule(() -> ended.complete(null), limit.toNanos(), TimeUnit.NANOSECONDS);
    var unused =
        CompletableFuture.allOf(commands.close(), claims.close(), renewing.close(), pushes.close())
            .exceptionally(ignored -> null)
            .thenCompose(closed -> servers.close(limit.dividedBy(2)))
            .whenComplete(
                (closed, failure) -> {
                  timeout.cancel(false);
                  ended.complete(null);
                });
    return ended;
  }
}
