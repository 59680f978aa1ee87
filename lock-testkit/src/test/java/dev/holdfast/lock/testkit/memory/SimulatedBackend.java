package dev.holdfast.lock.testkit.memory;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.memory.MemoryStore.Found;
import dev.holdfast.lock.testkit.memory.MemoryStore.Mode;
import dev.holdfast.lock.testkit.memory.MemoryStore.Renewal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * {@link MemoryBackend}'s protocol with a {@link SimulatedNetwork} between the client and the
 * store: S is read when a request is sent, the store acts when it arrives, the engine hears of it
 * when the answer does. A {@link Defect} makes one thing wrong, to show that the simulation would
 * see it.
 */
final class SimulatedBackend implements LockBackend {

  /** What may be wrong. */
  enum Defect {
    NONE,
    /** S is read when the answer comes. */
    DEADLINE_FROM_ANSWER,
    /** Validity is more than what the store keeps. */
    LONGER_THAN_LEASE,
    /** A pushed grant counts from its arrival. */
    PUSH_COUNTS_FROM_ARRIVAL,
    /** A renewal without an answer counts as one. */
    SILENCE_IS_CONSENT,
    /** The release deletes whoever holds the name. */
    PLAIN_DELETE,
    /** The owner is the client and not the claim. */
    CLIENT_IS_OWNER
  }

  private final MemoryStore store;
  private final BackendContext context;
  private final SimulatedNetwork network;
  private final Runnable afterStep;
  private final Defect defect;

  SimulatedBackend(
      MemoryStore store,
      BackendContext context,
      SimulatedNetwork network,
      Runnable afterStep,
      Defect defect) {
    this.store = store;
    this.context = context;
    this.network = network;
    this.afterStep = afterStep;
    this.defect = defect;
  }

  @Override
  public LockCapabilities capabilities() {
    LockCapabilities plain = LockCapabilities.of("simulated");
    return store.mode() == Mode.QUEUE ? plain.withQueue().withParticipants() : plain;
  }

  private static final class Waiter {
    final CompletableFuture<ClaimOutcome> next = new CompletableFuture<>();

    /**
     * The S of the newest request that has reached the store. A pushed grant carries it: what the
     * client has heard last may be younger than the grant, when that is late, and then says nothing
     * about it.
     */
    long seen;

    void saw(long sent) {
      seen = seen == 0 ? sent : Math.max(seen, sent);
    }
  }

  private static Waiter waiter(Claim claim) {
    if (claim.attachment() instanceof Waiter known) {
      return known;
    }
    Waiter waiter = new Waiter();
    claim.attach(waiter);
    return waiter;
  }

  private String id(Claim claim) {
    return defect == Defect.CLIENT_IS_OWNER ? context.clientId() : claim.id();
  }

  private long now() {
    return context.ticker().read();
  }

  private Granted granted(Claim claim, long token, long asOf) {
    Duration lease = claim.lease();
    return new Granted(
        token, defect == Defect.LONGER_THAN_LEASE ? lease.multipliedBy(2) : lease, asOf);
  }

  @Override
  public CompletionStage<ClaimOutcome> claim(Claim claim) {
    long sent = now();
    Waiter waiter = waiter(claim);
    boolean stay = claim.queue() && store.mode() == Mode.QUEUE;
    CompletableFuture<ClaimOutcome> answer = new CompletableFuture<>();
    network.toStore(
        () -> {
          waiter.saw(sent);
          Found found =
              store.claim(
                  claim.name(),
                  id(claim),
                  claim.description(),
                  claim.lease(),
                  stay,
                  token -> push(claim, waiter, token, waiter.seen));
          afterStep.run();
          network.toClient(() -> answer.complete(heard(claim, waiter, stay, found, sent)));
        });
    return answer;
  }

  private ClaimOutcome heard(Claim claim, Waiter waiter, boolean stay, Found found, long sent) {
    if (found.id().equals(id(claim))) {
      long asOf = defect == Defect.DEADLINE_FROM_ANSWER ? now() : sent;
      return granted(claim, found.token(), asOf);
    }
    Optional<LockHolder> holder = Optional.of(found.holder()).filter(h -> found.token() > 0);
    Duration remaining = holder.flatMap(LockHolder::expiresIn).orElse(Duration.ofMillis(100));
    Duration soon = context.options().pollInterval();
    return stay ? new Waiting(waiter.next, soon, holder) : Waiting.poll(remaining, holder);
  }

  private void push(Claim claim, Waiter waiter, long token, long seen) {
    network.toClient(
        () -> {
          long asOf = defect == Defect.PUSH_COUNTS_FROM_ARRIVAL ? now() : seen;
          waiter.next.complete(granted(claim, token, asOf));
        });
  }

  private record Answer(Claim claim, Renewal renewal) {}

  @Override
  public void renew(Collection<? extends Claim> claims) {
    long sent = now();
    List<Claim> asked = List.copyOf(claims);
    if (defect == Defect.SILENCE_IS_CONSENT) {
      asked.forEach(claim -> context.holds().renewed(claim, claim.lease(), sent));
    }
    network.toStore(
        () -> {
          List<Answer> answers = new ArrayList<>();
          for (Claim claim : asked) {
            waiter(claim).saw(sent);
            answers.add(new Answer(claim, store.renew(claim.name(), id(claim))));
          }
          afterStep.run();
          network.toClient(() -> answers.forEach(answer -> heard(answer, sent)));
        });
  }

  private void heard(Answer answer, long sent) {
    Claim claim = answer.claim;
    switch (answer.renewal) {
      case EXTENDED -> {
        long asOf = defect == Defect.DEADLINE_FROM_ANSWER ? now() : sent;
        context.holds().renewed(claim, granted(claim, 1, asOf).validFor(), asOf);
      }
      case RAN_OUT -> context.holds().gone(claim, LossReason.EXPIRED);
      case UNKNOWN -> context.holds().gone(claim, LossReason.REVOKED);
    }
  }

  @Override
  public CompletionStage<ReleaseOutcome> release(Claim claim) {
    CompletableFuture<ReleaseOutcome> answer = new CompletableFuture<>();
    network.toStore(
        () -> {
          boolean removed = store.release(claim.name(), id(claim));
          if (defect == Defect.PLAIN_DELETE) {
            store.revoke(claim.name());
          }
          afterStep.run();
          network.toClient(
              () -> answer.complete(removed ? ReleaseOutcome.RELEASED : ReleaseOutcome.NOT_HELD));
        });
    return answer;
  }

  @Override
  public CompletionStage<LockView> inspect(String name) {
    CompletableFuture<LockView> answer = new CompletableFuture<>();
    network.toStore(
        () -> {
          LockView view = store.inspect(name);
          network.toClient(() -> answer.complete(view));
        });
    return answer;
  }

  @Override
  public CompletionStage<Void> close(Duration limit) {
    return CompletableFuture.completedFuture(null);
  }
}
