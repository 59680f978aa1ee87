package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.spi.TestContext;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A backend without its engine. */
final class Node implements AutoCloseable {

  final TestContext context;
  final LockBackend backend;

  Node(LockBackendFactory factory, Duration lease) {
    context =
        new TestContext(
            LockClientOptions.builder().lease(lease).pollInterval(Duration.ofMinutes(1)).build());
    backend = factory.open(context);
  }

  static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  ClaimOutcome claim(Claim claim) {
    return get(backend.claim(claim));
  }

  Granted grant(Claim claim) {
    ClaimOutcome outcome = claim(claim);
    if (outcome instanceof Granted granted) {
      return granted;
    }
    throw new AssertionError(claim + " got " + outcome);
  }

  Waiting enqueue(Claim claim) {
    ClaimOutcome outcome = claim(claim);
    if (outcome instanceof Waiting waiting) {
      return waiting;
    }
    throw new AssertionError(claim + " got " + outcome);
  }

  ReleaseOutcome release(Claim claim) {
    return get(backend.release(claim));
  }

  @Override
  public void close() {
    get(backend.close(Duration.ofSeconds(5)));
    context.close();
  }
}
