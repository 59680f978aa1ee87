package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockRecords;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** A backend with something to do after its end. */
record ProxiedBackend(LockBackend inner, Runnable afterwards) implements LockBackend {

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
    return inner.claim(claim);
  }

  @Override
  public void renew(Collection<? extends Claim> claims) {
    inner.renew(claims);
  }

  @Override
  public CompletionStage<ReleaseOutcome> release(Claim claim) {
    return inner.release(claim);
  }

  @Override
  public HandOver handOver(Claim from, Claim to) {
    return inner.handOver(from, to);
  }

  @Override
  public CompletionStage<LockView> inspect(String name) {
    return inner.inspect(name);
  }

  @Override
  public Optional<LockRecords> records() {
    return inner.records();
  }

  @Override
  public CompletionStage<Void> close(Duration limit) {
    return inner.close(limit).whenComplete((done, failure) -> afterwards.run());
  }
}
