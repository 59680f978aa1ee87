package dev.holdfast.lock.examples.directory;

import static java.util.concurrent.CompletableFuture.completedFuture;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.examples.directory.Directory.Turn;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockCapabilities.Fencing;
import dev.holdfast.lock.spi.LockCapabilities.LeaseClock;
import dev.holdfast.lock.spi.LockCapabilities.LeaseScope;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Locks as files in a directory.
 *
 * <p><b>Why the store cannot give a name away before {@code asOf + validFor}.</b> A file says until
 * when its lock is held: one lease after the file system's time in the turn that wrote it. {@code
 * asOf} was read before that turn began, and nobody else takes the name before that time, and one
 * step of the clock, has passed by the same clock.
 */
record DirectoryBackend(Directory directory, BackendContext context) implements LockBackend {

  @Override
  public LockCapabilities capabilities() {
    return LockCapabilities.of("directory")
        .withBlocking()
        .withLease(LeaseScope.LOCK, Duration.ofSeconds(1), Duration.ofDays(1), LeaseClock.WALL)
        .withFencing(Fencing.BEST_EFFORT); // nothing is forced to the disk
  }

  @Override
  public CompletionStage<ClaimOutcome> claim(Claim claim) {
    long asOf = context.ticker().read();
    return completedFuture(directory.alone(claim.patience(), turn -> claim(claim, turn, asOf)));
  }

  private static ClaimOutcome claim(Claim claim, Turn turn, long asOf) throws IOException {
    LockFile found = turn.read(claim.name());
    boolean mine = found.id().equals(claim.id());
    if (!mine && found.isHeldAt(turn.now)) {
      return Waiting.poll(found.remaining(turn.now), found.holderAt(turn.now));
    }
    long token = mine ? found.token() : turn.nextToken();
    turn.write(claim, token);
    return new Granted(token, claim.lease(), asOf);
  }

  @Override
  public void renew(Collection<? extends Claim> claims) {
    long asOf = context.ticker().read();
    directory.alone(limit(), turn -> claims.stream().filter(c -> renew(c, turn, asOf)).count());
  }

  private boolean renew(Claim claim, Turn turn, long asOf) {
    try {
      LockFile found = turn.read(claim.name());
      boolean mine = found.id().equals(claim.id());
      if (mine) {
        turn.write(claim, found.token());
        context.holds().renewed(claim, claim.lease(), asOf);
      } else {
        context.holds().gone(claim, LossReason.REVOKED);
      }
      return mine;
    } catch (IOException e) {
      return false; // nothing is known of this one; the others are renewed all the same
    }
  }

  @Override
  public CompletionStage<ReleaseOutcome> release(Claim claim) {
    return completedFuture(directory.alone(limit(), turn -> release(claim, turn)));
  }

  private static ReleaseOutcome release(Claim claim, Turn turn) throws IOException {
    if (!turn.read(claim.name()).id().equals(claim.id())) {
      return ReleaseOutcome.NOT_HELD;
    }
    turn.delete(claim.name());
    return ReleaseOutcome.RELEASED;
  }

  @Override
  public CompletionStage<LockView> inspect(String name) {
    return completedFuture(
        directory.alone(
            limit(), turn -> new LockView(turn.read(name).holderAt(turn.now), List.of(), true)));
  }

  private Duration limit() {
    return context.options().operationTimeout();
  }

  @Override
  public CompletionStage<Void> close(Duration limit) {
    return completedFuture(null);
  }
}
