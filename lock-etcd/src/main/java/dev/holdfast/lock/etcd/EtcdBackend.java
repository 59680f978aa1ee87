package dev.holdfast.lock.etcd;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockCapabilities.LeaseClock;
import dev.holdfast.lock.spi.LockCapabilities.LeaseScope;
import dev.holdfast.lock.spi.LockRecords;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import io.etcd.jetcd.KeyValue;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Locks as keys under a lease.
 *
 * <p><b>Why the name is not given away before S + validFor.</b> A claim's key lies under a lease of
 * this client and is deleted by nobody else but an operator. It goes when the lease runs out, which
 * etcd's leader counts from the moment at which it works on a keep-alive, or on the request that
 * made the lease; S was read before that was sent, validFor is the length in its answer. A new
 * leader begins anew with the whole length. That the one who answered was the leader still, is
 * confirmed for each keep-alive ({@link KeepAlive}). A key that is put under a lease does not
 * extend it, so a grant carries the S of the lease's last renewal, and not its own. The clock is
 * monotonic; a step of anybody's wall clock does nothing.
 *
 * <p>The lock is the oldest key's. Creation revisions only increase, so they are the tokens, and
 * the order of waiting.
 */
final class EtcdBackend implements LockBackend {

  private final BackendContext context;
  private final EtcdKeys keys;
  private final Etcd etcd;
  private final Sessions sessions;
  private final KeepAlive keepAlive;
  private final Claiming claiming;
  private final Leaving leaving;

  EtcdBackend(Etcd etcd, EtcdKeys keys, BackendContext context) {
    this.etcd = etcd;
    this.keys = keys;
    this.context = context;
    Slots slots = new Slots();
    this.sessions = new Sessions(etcd, context.ticker());
    this.keepAlive = new KeepAlive(etcd, keys, sessions, context);
    this.leaving = new Leaving(etcd, keys, slots);
    this.claiming = new Claiming(etcd, keys, slots, sessions, keepAlive, leaving, context);
  }

  @Override
  public LockCapabilities capabilities() {
    return LockCapabilities.of("etcd")
        .withQueue()
        .withParticipants()
        .withLease(
            LeaseScope.CLIENT, Duration.ofSeconds(1), Duration.ofDays(1), LeaseClock.MONOTONIC);
  }

  @Override
  public CompletionStage<ClaimOutcome> claim(Claim claim) {
    return translated(claiming.claim(claim));
  }

  @Override
  public void renew(Collection<? extends Claim> claims) {
    keepAlive.renew(claims);
  }

  @Override
  public CompletionStage<ReleaseOutcome> release(Claim claim) {
    return translated(leaving.release(claim));
  }

  @Override
  public HandOver handOver(Claim from, Claim to) {
    HandOver both = claiming.handOver(from, to);
    return new HandOver(translated(both.released()), translated(both.claimed()));
  }

  @Override
  public CompletionStage<LockView> inspect(String name) {
    return translated(
        etcd.txn(txn -> txn.Then(Ops.all(keys.contenders(name)), Ops.exists(keys.offSwitch(name))))
            .thenApply(
                answer -> {
                  List<KeyValue> all = answer.getGetResponses().get(0).getKvs();
                  boolean enabled = Ops.found(answer, 1).isEmpty();
                  return new LockView(
                      all.stream().findFirst().map(EtcdKeys::holder),
                      all.stream()
                          .skip(1)
                          .map(kv -> LockHolder.waiting(EtcdKeys.description(kv)))
                          .toList(),
                      enabled);
                }));
  }

  @Override
  public Optional<LockRecords> records() {
    return Optional.of(new EtcdRecords(etcd, keys));
  }

  @Override
  public CompletionStage<Void> close(Duration limit) {
    CompletableFuture<Void> revoked = new CompletableFuture<>();
    var timeout =
        context
            .timer()
            .schedule(() -> revoked.complete(null), limit.toNanos() / 2, TimeUnit.NANOSECONDS);
    var unused =
        sessions
            .close()
            .whenComplete(
                (done, failure) -> {
                  timeout.cancel(false);
                  revoked.complete(null);
                });
    return revoked.thenRunAsync(etcd::close, context.workers());
  }

  static <T> CompletionStage<T> translated(CompletionStage<T> stage) {
    return stage.exceptionally(
        failure -> {
          throw new CompletionException(EtcdFailures.translate(failure));
        });
  }
}
