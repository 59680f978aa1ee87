package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/** A backend that answers at once from a {@link FakeStore}, unless a test says otherwise. */
final class FakeBackend implements LockBackend {

  /** A question without an answer so far. */
  record Open<T>(Claim claim, CompletableFuture<T> answer) {}

  final FakeStore store;
  final BackendContext context;
  final List<String> calls = new CopyOnWriteArrayList<>();
  final List<String> violations = new CopyOnWriteArrayList<>();
  final List<Claim> claimed = new CopyOnWriteArrayList<>();
  final List<Claim> released = new CopyOnWriteArrayList<>();
  final List<List<Claim>> rounds = new CopyOnWriteArrayList<>();
  final List<Open<ClaimOutcome>> openClaims = new CopyOnWriteArrayList<>();
  final List<Open<ReleaseOutcome>> openReleases = new CopyOnWriteArrayList<>();
  volatile Function<Claim, CompletionStage<ClaimOutcome>> onClaim = this::answer;
  volatile Function<Claim, CompletionStage<ReleaseOutcome>> onRelease = this::answerRelease;
  volatile Consumer<Collection<? extends Claim>> onRenew = this::confirm;
  volatile CompletionStage<LockView> onInspect = CompletableFuture.completedFuture(LockView.FREE);
  volatile CompletionStage<Void> onClose = CompletableFuture.completedFuture(null);
  private final LockCapabilities capabilities;
  private final VirtualTime time;

  FakeBackend(
      FakeStore store, BackendContext context, LockCapabilities capabilities, VirtualTime time) {
    this.store = store;
    this.context = context;
    this.capabilities = capabilities;
    this.time = time;
  }

  // Ready-made behaviour.

  CompletionStage<ClaimOutcome> answer(Claim claim) {
    return CompletableFuture.completedFuture(store.claim(claim, capabilities.queue()));
  }

  CompletionStage<ReleaseOutcome> answerRelease(Claim claim) {
    return CompletableFuture.completedFuture(store.release(claim));
  }

  void confirm(Collection<? extends Claim> claims) {
    long asOf = context.ticker().read();
    for (Claim claim : claims) {
      if (store.renew(claim)) {
        context.holds().renewed(claim, claim.lease(), asOf);
      } else if (claim instanceof EngineClaim own && own.owner instanceof Hold) {
        context.holds().gone(claim, LossReason.REVOKED);
      }
    }
  }

  CompletionStage<ClaimOutcome> leaveOpen(Claim claim) {
    Open<ClaimOutcome> open = new Open<>(claim, new CompletableFuture<>());
    openClaims.add(open);
    return open.answer();
  }

  CompletionStage<ReleaseOutcome> leaveReleaseOpen(Claim claim) {
    Open<ReleaseOutcome> open = new Open<>(claim, new CompletableFuture<>());
    openReleases.add(open);
    return open.answer();
  }

  static <T> CompletionStage<T> away() {
    return CompletableFuture.failedFuture(BackendFailure.transientFailure("away", null));
  }

  /** The store hangs: nothing is answered. */
  void hang() {
    onClaim = this::leaveOpen;
    onRelease = this::leaveReleaseOpen;
    onRenew = claims -> {};
  }

  /** The store refuses connections. */
  void goAway() {
    onClaim = claim -> away();
    onRelease = claim -> away();
    onRenew =
        claims -> {
          throw BackendFailure.transientFailure("away", null);
        };
  }

  void comeBack() {
    onClaim = this::answer;
    onRelease = this::answerRelease;
    onRenew = this::confirm;
  }

  /** Forgets what was called so far: the lists copy themselves at every call. */
  void forget() {
    calls.clear();
    claimed.clear();
    released.clear();
  }

  // What the engine calls.

  private void called(String what) {
    calls.add(what);
    if (time.isTimer()) {
      violations.add(what + " was called on the timer's thread");
    }
  }

  @Override
  public LockCapabilities capabilities() {
    return capabilities;
  }

  @Override
  public void checkName(String name) {
    if (name.contains("unfit")) {
      throw new IllegalArgumentException("unfit");
    }
  }

  @Override
  public CompletionStage<ClaimOutcome> claim(Claim claim) {
    called("claim " + claim.name());
    claimed.add(claim);
    return onClaim.apply(claim);
  }

  @Override
  public void renew(Collection<? extends Claim> claims) {
    called("renew");
    rounds.add(List.copyOf(claims));
    onRenew.accept(claims);
  }

  @Override
  public CompletionStage<ReleaseOutcome> release(Claim claim) {
    called("release " + claim.name());
    released.add(claim);
    return onRelease.apply(claim);
  }

  @Override
  public HandOver handOver(Claim from, Claim to) {
    calls.add("handOver " + from.name());
    return new HandOver(release(from), claim(to));
  }

  @Override
  public CompletionStage<LockView> inspect(String name) {
    called("inspect " + name);
    return onInspect;
  }

  @Override
  public CompletionStage<Void> close(Duration limit) {
    called("close");
    return onClose;
  }

  static LockView heldBy(String description) {
    return new LockView(Optional.of(LockHolder.of(description, 7)), List.of(), true);
  }
}
