package dev.holdfast.lock.testkit.memory;

import static java.util.concurrent.CompletableFuture.completedFuture;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Refused;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockRecords;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.memory.MemoryStore.Found;
import dev.holdfast.lock.testkit.memory.MemoryStore.Mode;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

/**
 * One client's connection to a {@link MemoryStore}: the backend to copy.
 *
 * <p><b>Why the store cannot give a name away before {@code asOf + validFor}.</b> The store sets a
 * record to expire one lease after the moment at which it runs a claim or a renewal, and {@code
 * asOf} is read before that request is sent, so it is earlier. A waiter's record is extended by
 * renewals just like a holder's and keeps its expiry when the store grants it the name; a pushed
 * grant therefore carries the {@code asOf} of the waiter's last answered request.
 *
 * <p>Without a queue the pushes fall away, and with them {@link Waiter} and {@link #push}: what
 * remains is the whole backend for a store with compare-and-set and expiry.
 */
final class MemoryBackend implements LockBackend {

  private final MemoryStore store;
  private final BackendContext context;
  private final LockCapabilities capabilities;

  MemoryBackend(MemoryStore store, BackendContext context) {
    this.store = store;
    this.context = context;
    this.capabilities = capabilities(store.mode());
  }

  private static LockCapabilities capabilities(Mode mode) {
    LockCapabilities plain = LockCapabilities.of("memory");
    return switch (mode) {
      case QUEUE -> plain.withQueue().withParticipants();
      case POLLED -> plain;
      case BLOCKING -> plain.withBlocking();
    };
  }

  @Override
  public LockCapabilities capabilities() {
    return capabilities;
  }

  @Override
  public CompletionStage<ClaimOutcome> claim(Claim claim) {
    long asOf = context.ticker().read();
    Waiter waiter = waiter(claim, asOf);
    boolean stay = claim.queue() && capabilities.queue();
    store.countOperation();
    Found found =
        store.claim(
            claim.name(),
            claim.id(),
            claim.description(),
            claim.lease(),
            stay,
            token -> push(claim, waiter, token));
    if (found.refused()) {
      return completedFuture(
          new Refused(
              "switched off; MemoryStore.setEnabled(\"%s\", true) switches it on"
                  .formatted(claim.name())));
    }
    waiter.asOf = asOf;
    if (found.id().equals(claim.id())) {
      return completedFuture(new Granted(found.token(), claim.lease(), asOf));
    }
    Optional<LockHolder> holder = Optional.of(found.holder()).filter(h -> found.token() > 0);
    Duration remaining = holder.flatMap(LockHolder::expiresIn).orElse(Duration.ZERO);
    return completedFuture(
        stay ? new Waiting(waiter.next, soon(remaining), holder) : Waiting.poll(remaining, holder));
  }

  /** A push may get lost, and nothing repeats it here: asking again does. */
  private Duration soon(Duration remaining) {
    Duration most = context.options().pollInterval();
    return remaining.compareTo(most) < 0 ? remaining : most;
  }

  /** What is kept with a claim, from its first call on. */
  private static final class Waiter {
    final CompletableFuture<ClaimOutcome> next = new CompletableFuture<>();
    volatile long asOf;

    Waiter(long asOf) {
      this.asOf = asOf;
    }
  }

  private static Waiter waiter(Claim claim, long asOf) {
    if (claim.attachment() instanceof Waiter known) {
      return known;
    }
    Waiter waiter = new Waiter(asOf);
    claim.attach(waiter);
    return waiter;
  }

  /** Another client's thread brings this: it must not do our work, so our own timer's does. */
  private void push(Claim claim, Waiter waiter, long token) {
    Granted granted = new Granted(token, claim.lease(), waiter.asOf);
    try {
      context.timer().execute(() -> waiter.next.complete(granted));
    } catch (RejectedExecutionException e) {
      // The client has closed meanwhile. It withdraws all its claims, this one included.
    }
  }

  @Override
  public void renew(Collection<? extends Claim> claims) {
    store.countOperation();
    for (Claim claim : claims) {
      long asOf = context.ticker().read();
      switch (store.renew(claim.name(), claim.id())) {
        case EXTENDED -> {
          waiter(claim, asOf).asOf = asOf;
          context.holds().renewed(claim, claim.lease(), asOf);
        }
        case RAN_OUT -> context.holds().gone(claim, LossReason.EXPIRED);
        case UNKNOWN -> context.holds().gone(claim, LossReason.REVOKED);
      }
    }
  }

  @Override
  public CompletionStage<ReleaseOutcome> release(Claim claim) {
    store.countOperation();
    boolean removed = store.release(claim.name(), claim.id());
    return completedFuture(removed ? ReleaseOutcome.RELEASED : ReleaseOutcome.NOT_HELD);
  }

  @Override
  public CompletionStage<LockView> inspect(String name) {
    store.countOperation();
    return completedFuture(store.inspect(name));
  }

  @Override
  public Optional<LockRecords> records() {
    return Optional.of(new MemoryRecords(store));
  }

  @Override
  public CompletionStage<Void> close(Duration limit) {
    return completedFuture(null);
  }
}
