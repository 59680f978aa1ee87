package dev.holdfast.lock.testkit.broken;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.HoldSink;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockRecords;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.spi.TappedContext;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Passes everything through to a healthy backend. Each defect overrides the one thing that it gets
 * wrong; claims may be shown to the store in another guise ({@link #disguise}).
 */
abstract class BrokenBackend implements LockBackend {

  final BackendContext context;
  final LockBackend healthy;
  private final Map<Claim, Claim> disguised = new ConcurrentHashMap<>();
  private final Map<Claim, Claim> originals = new ConcurrentHashMap<>();

  BrokenBackend(LockBackendFactory factory, BackendContext context) {
    this.context = context;
    this.healthy = factory.open(new TappedContext(context, new Holds()));
  }

  /** How the store sees a claim; asked once per claim. */
  Claim disguise(Claim claim) {
    return claim;
  }

  /** How the engine sees a grant, answered or pushed. */
  Granted granted(Claim claim, Granted granted) {
    return granted;
  }

  /** How the engine sees that it has to wait. */
  ClaimOutcome waiting(Claim claim, Waiting waiting) {
    return new Waiting(
        waiting.next().thenApply(outcome -> seen(claim, outcome)),
        waiting.lookAgainIn(),
        waiting.holder());
  }

  /** How the engine hears of a renewal. */
  void renewed(Claim claim, Duration validFor, long asOf) {
    context.holds().renewed(claim, validFor, asOf);
  }

  /** How the engine hears of a loss. */
  void gone(Claim claim, LossReason reason) {
    context.holds().gone(claim, reason);
  }

  final Claim atStore(Claim claim) {
    return disguised.computeIfAbsent(
        claim,
        original -> {
          Claim other = disguise(original);
          originals.put(other, original);
          return other;
        });
  }

  private ClaimOutcome seen(Claim claim, ClaimOutcome outcome) {
    if (outcome instanceof Granted granted) {
      return granted(claim, granted);
    }
    return outcome instanceof Waiting waiting && waiting.wakes()
        ? waiting(claim, waiting)
        : outcome;
  }

  @Override
  public LockCapabilities capabilities() {
    LockCapabilities real = healthy.capabilities();
    return new LockCapabilities(
        "broken", // so that nobody takes the lines that its tests print for a real store's
        real.blocking(),
        real.queue(),
        real.wakes(),
        real.leaseScope(),
        real.minLease(),
        real.maxLease(),
        real.leaseClock(),
        real.fencing(),
        real.participants());
  }

  @Override
  public CompletionStage<ClaimOutcome> claim(Claim claim) {
    return healthy.claim(atStore(claim)).thenApply(outcome -> seen(claim, outcome));
  }

  @Override
  public void renew(Collection<? extends Claim> claims) {
    List<Claim> all = claims.stream().map(this::atStore).toList();
    healthy.renew(all);
  }

  @Override
  public CompletionStage<ReleaseOutcome> release(Claim claim) {
    return healthy.release(atStore(claim));
  }

  @Override
  public CompletionStage<LockView> inspect(String name) {
    return healthy.inspect(name);
  }

  @Override
  public Optional<LockRecords> records() {
    return healthy.records();
  }

  @Override
  public CompletionStage<Void> close(Duration limit) {
    return healthy.close(limit);
  }

  /** Answers to renewals come through here on their way to the engine. */
  private final class Holds implements HoldSink {

    @Override
    public void renewed(Claim claim, Duration validFor, long asOf) {
      BrokenBackend.this.renewed(originals.getOrDefault(claim, claim), validFor, asOf);
    }

    @Override
    public void gone(Claim claim, LossReason reason) {
      BrokenBackend.this.gone(originals.getOrDefault(claim, claim), reason);
    }
  }
}
