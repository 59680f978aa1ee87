package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockRecords;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.spi.TestContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;

/** One client's backend, asked the way an engine does, with the answers unwrapped. */
final class Node implements AutoCloseable {

  private static final Duration KEPT_AT_MOST = Duration.ofSeconds(2);

  final TestContext context;
  final LockBackend backend;

  Node(LockBackendFactory factory) {
    this(factory, Duration.ofSeconds(5));
  }

  Node(LockBackendFactory factory, Duration operationTimeout) {
    context =
        new TestContext(LockClientOptions.builder().operationTimeout(operationTimeout).build());
    backend = factory.open(context);
  }

  static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof BackendFailure failure) {
        throw failure;
      }
      throw e;
    }
  }

  ClaimOutcome claim(Claim claim) {
    return get(backend.claim(claim));
  }

  /** A free row may be kept for a moment, for a client that has waited (docs/adr/0004). */
  Granted grant(Claim claim) {
    ClaimOutcome outcome = claim(claim);
    long start = System.nanoTime();
    while (outcome instanceof Waiting waiting
        && waiting.holder().isEmpty()
        && System.nanoTime() - start < KEPT_AT_MOST.toNanos()) {
      LockSupport.parkNanos(1_000_000);
      outcome = claim(claim);
    }
    assertThat(outcome).as("claim of %s", claim).isInstanceOf(Granted.class);
    return (Granted) outcome;
  }

  ReleaseOutcome release(Claim claim) {
    return get(backend.release(claim));
  }

  LockView inspect(String name) {
    return get(backend.inspect(name));
  }

  LockRecords records() {
    return backend.records().orElseThrow();
  }

  void renew(Claim... claims) {
    backend.renew(List.of(claims));
  }

  @Override
  public void close() {
    get(backend.close(Duration.ofSeconds(5)));
    context.close();
  }
}
