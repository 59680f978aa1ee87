package dev.holdfast.lock.testkit.fault;

import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Refused;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockRecords;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.spi.TappedContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Any backend behind a line with {@link Faults}. Each call becomes a request and an answer that
 * travel the line one by one; answers to renewals and wake-ups travel it in {@link FaultyHolds} and
 * {@link #listen}. On a line without faults a call stays on its thread, and an answer that is there
 * at once is returned at once. Records are passed through as they are.
 */
final class FaultyBackend implements LockBackend {

  private final Faults faults;
  private final LockBackend inner;
  private final Wire wire;
  private final FaultyHolds holds;
  private final Duration timeout;

  /** A stage of the inner backend, and the one that we gave out in its place. */
  private record Ear(CompletionStage<ClaimOutcome> original, CompletionStage<ClaimOutcome> ours) {}

  private final Map<Claim, Ear> ears = new ConcurrentHashMap<>();

  private FaultyBackend(
      Faults faults, LockBackend inner, Wire wire, FaultyHolds holds, Duration timeout) {
    this.faults = faults;
    this.inner = inner;
    this.wire = wire;
    this.holds = holds;
    this.timeout = timeout;
  }

  static LockBackend open(Faults faults, LockBackendFactory factory, BackendContext context) {
    Wire wire = new Wire(faults, context);
    FaultyHolds holds = new FaultyHolds(context.holds(), wire, faults);
    LockBackend inner = factory.open(new TappedContext(context, holds));
    wire.blocking = inner.capabilities().blocking();
    return new FaultyBackend(faults, inner, wire, holds, context.options().operationTimeout());
  }

  @Override
  public LockCapabilities capabilities() {
    return inner.capabilities();
  }

  @Override
  public void checkName(String name) {
    inner.checkName(name);
  }

  @Override
  public CompletionStage<ClaimOutcome> claim(Claim claim) {
    faults.joined(claim);
    return send(Operation.CLAIM, claim.name(), claim.patience(), () -> inner.claim(claim))
        .thenApply(outcome -> heard(claim, outcome));
  }

  @Override
  public void renew(Collection<? extends Claim> claims) {
    faults.sent(Operation.RENEW);
    Fault once = faults.takeNext(Operation.RENEW);
    Map<Fault, List<Claim>> groups = new LinkedHashMap<>();
    for (Claim claim : claims) {
      Fault fault = once != null ? once : faults.standing(Operation.RENEW, claim.name());
      groups.computeIfAbsent(fault, unknown -> new ArrayList<>()).add(claim);
    }
    groups.forEach(this::renew);
  }

  private void renew(Fault fault, List<Claim> claims) {
    if (fault.failure() != null) {
      throw fault.failure();
    }
    CompletableFuture<Void> sent = new CompletableFuture<>();
    wire.send(
        fault,
        () -> {
          holds.expect(claims, fault);
          inner.renew(claims);
          if (fault.duplicate()) {
            inner.renew(claims);
          }
          sent.complete(null);
        });
    // The inner backend answers into holds; only one that blocks keeps its caller waiting.
    if (wire.blocking) {
      var unused = wire.await(sent, timeout);
    }
  }

  @Override
  public CompletionStage<ReleaseOutcome> release(Claim claim) {
    gone(claim);
    faults.released(claim);
    return send(Operation.RELEASE, claim.name(), timeout, () -> inner.release(claim));
  }

  @Override
  public HandOver handOver(Claim from, Claim to) {
    faults.released(from);
    faults.joined(to);
    faults.sent(Operation.HAND_OVER);
    Fault fault = faults.take(Operation.HAND_OVER, to.name());
    CompletableFuture<ReleaseOutcome> released = new CompletableFuture<>();
    CompletableFuture<ClaimOutcome> claimed = new CompletableFuture<>();
    wire.send(
        fault,
        () -> {
          HandOver both = inner.handOver(from, to);
          wire.reply(fault, both.released(), released);
          wire.reply(fault, both.claimed(), claimed);
        });
    wire.failed(fault, released);
    wire.failed(fault, claimed);
    return new HandOver(
        wire.await(released, timeout),
        wire.await(claimed, to.patience()).thenApply(outcome -> heard(to, outcome)));
  }

  @Override
  public CompletionStage<LockView> inspect(String name) {
    return send(Operation.INSPECT, name, timeout, () -> inner.inspect(name));
  }

  @Override
  public Optional<LockRecords> records() {
    return inner.records();
  }

  @Override
  public CompletionStage<Void> close(Duration limit) {
    boolean unheard = faults.isBlackHole();
    CompletionStage<Void> closed = inner.close(limit);
    if (!unheard) {
      return closed;
    }
    CompletableFuture<Void> late = new CompletableFuture<>();
    wire.later(limit, () -> late.complete(null));
    return wire.await(late, limit);
  }

  private <T> CompletionStage<T> send(
      Operation operation, String name, Duration patience, Supplier<CompletionStage<T>> call) {
    faults.sent(operation);
    Fault fault = faults.take(operation, name);
    CompletableFuture<T> answer = new CompletableFuture<>();
    wire.send(
        fault,
        () -> {
          CompletionStage<T> first = call.get();
          if (fault.duplicate()) {
            var unused = call.get();
          }
          wire.reply(fault, first, answer);
        });
    wire.failed(fault, answer);
    return wire.await(answer, patience);
  }

  private ClaimOutcome heard(Claim claim, ClaimOutcome outcome) {
    if (outcome instanceof Granted) {
      faults.granted(claim);
    }
    if (outcome instanceof Granted || outcome instanceof Refused || !claim.queue()) {
      gone(claim);
    }
    return outcome instanceof Waiting waiting && waiting.wakes()
        ? new Waiting(listen(claim, waiting.next()), waiting.lookAgainIn(), waiting.holder())
        : outcome;
  }

  /** Puts the line between the store's wake-up and the engine, once for each that may come. */
  private CompletionStage<ClaimOutcome> listen(Claim claim, CompletionStage<ClaimOutcome> next) {
    Ear known = ears.get(claim);
    if (known != null && known.original() == next) {
      return known.ours();
    }
    CompletableFuture<ClaimOutcome> ours = new CompletableFuture<>();
    ears.put(claim, new Ear(next, ours));
    var unused =
        next.thenApply(outcome -> heard(claim, outcome))
            .whenComplete(
                (outcome, failure) -> {
                  faults.sent(Operation.WAKE_UP);
                  Fault fault = faults.take(Operation.WAKE_UP, claim.name());
                  if (!fault.loseRequest()) {
                    wire.reply(fault, outcome, failure, ours);
                  }
                });
    return ours;
  }

  private void gone(Claim claim) {
    faults.left(claim);
    ears.remove(claim);
  }
}
