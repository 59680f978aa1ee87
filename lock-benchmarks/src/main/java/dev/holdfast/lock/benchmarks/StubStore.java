package dev.holdfast.lock.benchmarks;

import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** A store that grants whatever is asked, so that what is measured is the engine. */
final class StubStore implements LockBackendFactory, AutoCloseable {

  /** How it answers. */
  enum Answers {
    /** At once, on the caller's thread. */
    DIRECT,
    /** The same, and says of itself that it blocks. */
    BLOCKING,
    /** On one thread of its own, like a driver that shares a connection. */
    DRIVER
  }

  private final Answers answers;
  private final ExecutorService driver =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "driver");
            thread.setDaemon(true);
            return thread;
          });
  private final AtomicLong tokens = new AtomicLong();

  StubStore(Answers answers) {
    this.answers = answers;
  }

  /** Answers {@code value}, in its way. */
  <T> CompletableFuture<T> answer(T value) {
    if (answers != Answers.DRIVER) {
      return CompletableFuture.completedFuture(value);
    }
    CompletableFuture<T> answer = new CompletableFuture<>();
    driver.execute(() -> answer.complete(value));
    return answer;
  }

  @Override
  public LockBackend open(BackendContext context) {
    LockCapabilities plain = LockCapabilities.of("stub");
    return new Backend(context, answers == Answers.BLOCKING ? plain.withBlocking() : plain);
  }

  @Override
  public void close() {
    driver.shutdownNow();
  }

  private final class Backend implements LockBackend {

    private final BackendContext context;
    private final LockCapabilities capabilities;

    Backend(BackendContext context, LockCapabilities capabilities) {
      this.context = context;
      this.capabilities = capabilities;
    }

    @Override
    public LockCapabilities capabilities() {
      return capabilities;
    }

    @Override
    public CompletionStage<ClaimOutcome> claim(Claim claim) {
      long asOf = context.ticker().read();
      return answer(new ClaimOutcome.Granted(tokens.incrementAndGet(), claim.lease(), asOf));
    }

    @Override
    public void renew(Collection<? extends Claim> held) {
      long asOf = context.ticker().read();
      held.forEach(claim -> context.holds().renewed(claim, claim.lease(), asOf));
    }

    @Override
    public CompletionStage<ReleaseOutcome> release(Claim claim) {
      return answer(ReleaseOutcome.RELEASED);
    }

    @Override
    public CompletionStage<LockView> inspect(String name) {
      return CompletableFuture.completedFuture(LockView.FREE);
    }

    @Override
    public CompletionStage<Void> close(Duration limit) {
      return CompletableFuture.completedFuture(null);
    }
  }
}
